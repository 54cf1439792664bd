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

/** The strategy blocks outside of JavaScript, so its thread cannot be ended, nor the engine be taken over from it. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';

  constructor() {
    super('the strategy hung: a handler blocks outside of JavaScript and cannot be ended');
  }
}

export interface ShutdownOptions {
  readonly engine: Engine;
  readonly worker: StrategyWorker;
  /** How long the engine itself waits for its cancels to be confirmed. */
  readonly drainMs: number;
  /** Given when the native watchdog finds that a handler does not return. */
  readonly hung: AbortSignal;
}

/**
 * Stops the engine, returns what went wrong with it if something did. Afterwards this thread owns the engine. Throws
 * `BlockedError` where that cannot be.
 */
export async function shutDown(options: ShutdownOptions): Promise<string | undefined> {
  const { engine, drainMs } = options;
  engine.stop();
  const end = await endOf(options);
  await takeOver(engine);
  if (end.outcome === undefined) {
    await drain(engine, drainMs);
  }
  return reasonOf(end);
}

/** What went wrong in a worker that ended; undefined if nothing did. */
export function reasonOf(end: WorkerEnd): string | undefined {
  if (end.outcome === undefined) {
    return end.reason;
  }
  return end.outcome.failure === undefined ? undefined : `the strategy failed: ${end.outcome.failure}`;
}

/** Waits for the worker to end by itself; ends it when it hangs or takes too long. */
async function endOf({ worker, drainMs, hung }: ShutdownOptions): Promise<WorkerEnd> {
  const patience = AbortSignal.any([hung, AbortSignal.timeout(drainMs + GRACE_MS)]);
  const impatient = new Promise<undefined>((resolve) => {
    const give = (): void => resolve(undefined);
    patience.addEventListener('abort', give, { once: true });
    if (patience.aborted) {
      give();
    }
  });
  const first = await Promise.race([worker.ended, impatient]);
  if (first !== undefined) {
    return first;
  }
  if (!(await worker.terminate())) {
    throw new BlockedError();
  }
  return worker.ended;
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
