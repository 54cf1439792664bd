// What the trading thread asks the main thread for, because REST is none of its business: snapshots of books, and the open
// orders and fills that reconciliation needs.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Engine } from '../../bindings/index.d.ts';
import { VenueError } from '../venues/binance/errors.ts';
import type { BinanceRest } from '../venues/binance/rest.ts';
import type { Log } from './log.ts';

const PAUSE_MS = 500;
const MOST_QUERIES = 20;
/** The venue may go on giving snapshots that are too old already, and each is dear. */
const SNAPSHOT_INTERVAL_MS = 1_000;

export interface AnswersOptions {
  readonly engine: Engine;
  readonly rest: BinanceRest;
  readonly symbols: readonly string[];
  readonly log: Log;
  /** Called when the venue refuses in a way that asking again does not change. */
  readonly onRefused: (reason: string) => void;
}

/** The balances in the venue's own digits. */
function describeBalances(account: Uint8Array): string {
  const { balances } = JSON.parse(Buffer.from(account).toString('utf8')) as { balances: readonly Balance[] };
  const held = balances.map(({ asset, free, locked }) => `${withoutZeros(free)} ${asset}${lockedPart(locked)}`);
  return held.length === 0 ? 'the account is empty' : `balances: ${held.join(', ')}`;
}

interface Balance {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

function lockedPart(locked: string): string {
  return Number(locked) === 0 ? '' : ` (and ${withoutZeros(locked)} locked)`;
}

function withoutZeros(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}

/** Fetches what the engine needs and hands it over. */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #snapshotsUnderWay = new Set<number>();
  readonly #nextSnapshotAt = new Map<number, number>();
  #reconciling = false;
  /** Whether something was missed while the answers were on their way, which need not hold it. */
  #missedMeanwhile = false;
  #closed = false;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Fetches a snapshot, unless one is on its way already; not too soon after the one before. */
  async snapshot(instrument: number): Promise<void> {
    const { engine, rest, symbols } = this.#options;
    if (this.#snapshotsUnderWay.has(instrument)) {
      return;
    }
    this.#snapshotsUnderWay.add(instrument);
    await sleep(Math.max(0, (this.#nextSnapshotAt.get(instrument) ?? 0) - performance.now()));
    const body = await this.#persistently(() => rest.depth(symbols[instrument] ?? ''));
    this.#nextSnapshotAt.set(instrument, performance.now() + SNAPSHOT_INTERVAL_MS);
    this.#snapshotsUnderWay.delete(instrument);
    if (body !== undefined) {
      engine.applySnapshot(instrument, body);
    }
  }

  /** Fetches open orders and fills once; for a connection that was just made. */
  async reconcile(): Promise<void> {
    const { engine, rest, symbols } = this.#options;
    const asked = engine.now();
    // Trades first: every trade listed is then part of the executed quantities of the open orders.
    const trades = await Promise.all(symbols.map((symbol) => rest.myTrades(symbol)));
    const [openOrders, account] = await Promise.all([rest.openOrders(), rest.account()]);
    if (!this.#closed) {
      this.#options.log.info(describeBalances(account));
      const bodies = trades.map((body, instrument) => ({ instrument, body }));
      engine.reconcile(asked, openOrders, bodies);
    }
  }

  /** The same until it succeeds, and once more if it is asked for meanwhile; for fills that are missing. */
  async reconcileAgain(): Promise<void> {
    this.#missedMeanwhile = true;
    if (this.#reconciling) {
      return;
    }
    this.#reconciling = true;
    while (this.#missedMeanwhile && !this.#closed) {
      this.#missedMeanwhile = false;
      await this.#persistently(() => this.reconcile());
    }
    this.#reconciling = false;
  }

  /** Nothing is handed over any more. */
  close(): void {
    this.#closed = true;
  }

  /** Asks until there is an answer; undefined when closed, refused, or asked too often. */
  async #persistently<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
    const { log, onRefused } = this.#options;
    for (let count = 0; count < MOST_QUERIES && !this.#closed; count += 1) {
      try {
        const answer = await ask();
        return this.#closed ? undefined : answer;
      } catch (error) {
        if (!(error instanceof VenueError)) {
          throw error;
        }
        if (error.kind === 'refused' || error.kind === 'not-authorised') {
          onRefused(error.message);
          return undefined;
        }
        log.warn(error.message);
        await sleep(error.retryAfterMs ?? PAUSE_MS);
      }
    }
    if (!this.#closed) {
      onRefused('the venue does not answer');
    }
    return undefined;
  }
}
