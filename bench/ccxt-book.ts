// What ccxt takes to bring parsed depth diffs into its order book: prints nanoseconds a diff, and the best prices.
//
// The diffs are parsed before: this is ccxt's own handling of a message (strings to numbers, both sides stored), without
// its part of the JSON.

import { readFileSync } from 'node:fs';
import ccxt from 'ccxt';

interface Diff {
  readonly data: Readonly<Record<string, unknown>>;
}

/** The parts of ccxt's order book and of its handling of Binance's messages that are used here. */
interface Book {
  readonly bids: ReadonlyArray<readonly [number, number]>;
  readonly asks: ReadonlyArray<readonly [number, number]>;
}
interface Binance {
  orderBook(snapshot: object): Book;
  handleOrderBookMessage(client: undefined, message: object, book: Book): void;
}

const ROUNDS_MIN = 10;
const [framesFile = '', snapshotFile = '', timeMs = '4000'] = process.argv.slice(2);
const diffs = readFileSync(framesFile, 'utf8')
  .split('\n')
  .map((line) => (JSON.parse(line) as Diff).data);
const snapshot = JSON.parse(readFileSync(snapshotFile, 'utf8')) as { bids: string[][]; asks: string[][] };
const exchange = new ccxt.pro.binance() as unknown as Binance;
const numbers = (levels: string[][]): number[][] => levels.map((level) => level.map(Number));
const book = exchange.orderBook({ bids: numbers(snapshot.bids), asks: numbers(snapshot.asks) });

let best = Number.POSITIVE_INFINITY;
const started = performance.now();
// The diffs lead back to the snapshot, so every round starts from the same book.
for (let round = 0; round < ROUNDS_MIN || performance.now() - started < Number(timeMs); round += 1) {
  const before = performance.now();
  for (const diff of diffs) {
    exchange.handleOrderBookMessage(undefined, diff, book);
  }
  best = Math.min(best, ((performance.now() - before) * 1e6) / diffs.length);
}
process.stdout.write(`${JSON.stringify({ ns: best, best: [book.bids[0]?.[0], book.asks[0]?.[0]] })}\n`);
