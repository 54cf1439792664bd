// An engine under load with a strategy in TypeScript, as a program: production's own worker and addon, driven by lines on
// standard input.
//
// It prints {"ready":true} once its book is synchronised and orders are possible. On `stop`, or when standard input ends,
// it stops in order and prints what came of it all.

import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { Engine, NativeConfig } from '../bindings/index.d.ts';
import { native } from '../ts/native.ts';
import type { StartMessage, WorkerAssignment, WorkerMessage } from '../ts/runtime/messages.ts';

/** What a contestant is told: a file of JSON, written by whoever starts it. */
interface Assignment {
  /** URLs of the market data and of the order connection. */
  readonly market: string;
  readonly orders: string;
  /** Files with the bodies of `GET /api/v3/depth` and `GET /api/v3/exchangeInfo`. */
  readonly snapshot: string;
  readonly exchange_info: string;
  /** File with an Ed25519 private key in PEM. The load does not check it. */
  readonly key: string;
  readonly state_directory: string;
  readonly wait: string;
  readonly cpu: number | null;
  /** The strategy's file, relative to this one. */
  readonly strategy: string;
}

const SYMBOL = 'BTCUSDT';
const CONNECT_TIMEOUT_MS = 10_000;
const NOTICE_INTERVAL_MS = 5;
/** Beyond any pause that SIGSTOP makes. */
const FOREVER_MS = 1_000_000_000;
/** As many as an engine takes: a contestant that was held up has that many unanswered orders for a moment. */
const OPEN_ORDERS_MAX = 1_024;
const ROUTINE: ReadonlySet<string> = new Set(['synchronised', 'orders-ready', 'reconcile-needed', 'drained']);

const [assignmentFile = ''] = process.argv.slice(2);
const assignment = JSON.parse(readFileSync(assignmentFile, 'utf8')) as Assignment;
mkdirSync(assignment.state_directory, { recursive: true });
const engine = new native.Engine(configuration());
const worker = await startWorker(engine);
const endWatch = watch(engine);
await connect(engine);
await until(() => engine.status().ordersPossible);
tell({ ready: true });
await stopAsked();
engine.stop();
await once(worker, 'exit');
endWatch();
tell(report());
engine.close();

function configuration(): NativeConfig {
  const unlimited = '1000000';
  const risk = {
    maxOrderQuantity: unlimited,
    maxNotional: '1000000000',
    maxPosition: unlimited,
    priceCollarBps: 1_000,
    maxDataAgeMs: FOREVER_MS,
  };
  return {
    instruments: [{ symbol: SYMBOL, partialDepth: false, risk }],
    exchangeInfo: readFileSync(assignment.exchange_info),
    apiKey: 'bench',
    ed25519PrivateKeyPem: readFileSync(assignment.key, 'utf8'),
    recvWindowMs: 5_000,
    wait: assignment.wait,
    ...(assignment.cpu !== null && { cpu: assignment.cpu }),
    stateDirectory: assignment.state_directory,
    adoptOrders: false,
    watchdogMs: FOREVER_MS,
    maxOpenOrders: OPEN_ORDERS_MAX,
    maxOrdersPerSecond: 1_000_000,
    drainMs: 5_000,
    feeRates: [],
  };
}

/** The worker of production, with the strategy loaded and attached to the engine. */
async function startWorker({ id }: Engine): Promise<Worker> {
  const workerData: WorkerAssignment = {
    strategyFile: fileURLToPath(new URL(assignment.strategy, import.meta.url)),
    parameters: {},
    symbols: [SYMBOL],
  };
  const started = new Worker(new URL('../ts/runtime/worker.ts', import.meta.url), { workerData, name: 'trading' });
  const [message] = (await once(started, 'message')) as [WorkerMessage];
  if (message.kind !== 'loaded') {
    throw new Error(`the strategy was not loaded: ${JSON.stringify(message)}`);
  }
  const start: StartMessage = { engineId: id };
  started.postMessage(start);
  return started;
}

/** Market data first, then the snapshot, then orders: nothing is sent before everything is there. */
async function connect(to: Engine): Promise<void> {
  to.useMarket(await to.connectMarket(assignment.market, CONNECT_TIMEOUT_MS));
  to.applySnapshot(0, readFileSync(assignment.snapshot));
  await until(() => to.status().synchronised);
  to.useOrders(await to.connectOrders(assignment.orders, CONNECT_TIMEOUT_MS));
  const nothing = Buffer.from('[]');
  to.reconcile(to.now(), nothing, [{ instrument: 0, body: nothing }]);
}

/** Reads notices, as production does; what is not routine goes to standard error. Returns how to end it. */
function watch(of: Engine): () => void {
  const interval = setInterval(() => {
    for (const notice of of.notices()) {
      if (!ROUTINE.has(notice.kind)) {
        console.error(`${notice.kind}: ${notice.code} ${notice.text}`);
      }
    }
  }, NOTICE_INTERVAL_MS);
  return () => clearInterval(interval);
}

/** Whoever started this gives up when it waits for too long. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await sleep(NOTICE_INTERVAL_MS);
  }
}

async function stopAsked(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  lines.close();
  process.stdin.destroy();
}

function report(): object {
  if (!engine.takeOver()) {
    throw new Error('the trading thread ended without letting go of the engine');
  }
  const summary = engine.summary();
  const { bid, ask } = engine.status().instruments[0] ?? { bid: Number.NaN, ask: Number.NaN };
  return {
    messages: summary.messages,
    book_updates: summary.bookUpdates,
    gaps: summary.gaps,
    orders: summary.orders,
    rejects: summary.rejects,
    allocations: summary.allocations,
    telemetry_dropped: summary.telemetryDropped,
    clock_read_ns: summary.clockReadNs,
    waiting: summary.waiting,
    stages: summary.stages,
    best: [Math.round(bid * 100), Math.round(ask * 100)],
  };
}

function tell(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
