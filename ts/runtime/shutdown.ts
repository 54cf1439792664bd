// The end of a run: orders cancelled and confirmed, by the strategy's own thread if it still turns, else from here.

import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

import type { Engine } from '../../bindings/index.d.ts';
import type { StrategyWorker, WorkerEnd } from './strategy-worker.ts';

/** Beyond the engine's own deadline, for handlers that are slow to return. */
const GRACE_MS = 1_000;
const TAKE_OVER_TIMEOUT_MS = 2_000;
const TAKE_OVER_PAUSE_MS = 5;
const DRAIN_STEP_MS = 10;
const STILL_WORKING = 0;

/** Stops the engine, returns what went wrong with it if something did. Afterwards this thread owns the engine. */
export async function shutDown(engine: Engine, worker: StrategyWorker, drainMs: number): Promise<string | undefined> {
  engine.stop();
  const end = await endOf(engine, worker, drainMs + GRACE_MS);
  await takeOver(engine);
  if (end.outcome === undefined) {
    await drain(engine, drainMs);
    return end.reason;
  }
  return end.outcome.failure === undefined ? undefined : `the strategy failed: ${end.outcome.failure}`;
}

/** Waits for the worker to end by itself, or ends it. */
async function endOf(engine: Engine, worker: StrategyWorker, patienceMs: number): Promise<WorkerEnd> {
  const patience = new AbortController();
  const tooLate = waitForHang(engine, patienceMs, patience.signal);
  const first = await Promise.race([worker.ended, tooLate]);
  patience.abort();
  if (first !== undefined) {
    return first;
  }
  await worker.terminate();
  return worker.ended;
}

/** Resolves when the native watchdog saw the thread hang, or when patience is over. */
async function waitForHang(engine: Engine, patienceMs: number, signal: AbortSignal): Promise<undefined> {
  const deadline = performance.now() + patienceMs;
  while (!signal.aborted && performance.now() < deadline && !engine.status().hung) {
    await sleep(DRAIN_STEP_MS);
  }
  return undefined;
}

async function takeOver(engine: Engine): Promise<void> {
  const deadline = performance.now() + TAKE_OVER_TIMEOUT_MS;
  while (!engine.takeOver()) {
    if (performance.now() > deadline) {
      throw new Error('the trading thread ended without letting go of the engine');
    }
    await sleep(TAKE_OVER_PAUSE_MS);
  }
}

/** Drives the engine from this thread; between steps the event loop turns, so that queries can be answered. */
async function drain(engine: Engine, drainMs: number): Promise<void> {
  const deadline = performance.now() + drainMs + GRACE_MS;
  while (engine.drainStep(DRAIN_STEP_MS) === STILL_WORKING && performance.now() < deadline) {
    await turn();
  }
}
