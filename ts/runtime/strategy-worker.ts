// The main thread's hold on the worker in which the strategy trades.

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { configurationError, type LoadedConfiguration } from '../config/load.ts';
import { StrategyLoadError } from '../strategy/load.ts';
import type { LoopOutcome } from '../strategy/loop.ts';
import type { StartMessage, WorkerAssignment, WorkerMessage } from './messages.ts';

/** A worker that is in JavaScript ends at once, and one in the engine within the bound of a wait. */
const TERMINATE_TIMEOUT_MS = 2_000;

/** How the worker ended: with the loop's outcome, or without one because it broke or was terminated. */
export type WorkerEnd = { readonly outcome: LoopOutcome } | { readonly outcome: undefined; readonly reason: string };

/** A worker that has loaded or is loading a strategy. */
export class StrategyWorker {
  /** Resolves when the strategy is loaded and its parameters are valid; rejects with the reason otherwise. */
  readonly loaded: Promise<void>;
  /** Resolves when the worker is gone. */
  readonly ended: Promise<WorkerEnd>;
  readonly #worker: Worker;
  #outcome: LoopOutcome | undefined;
  #crash: string | undefined;

  constructor(source: LoadedConfiguration) {
    const { strategy, instruments } = source.configuration;
    const assignment: WorkerAssignment = {
      strategyFile: strategy.file,
      parameters: strategy.parameters,
      symbols: instruments.map(({ symbol }) => symbol),
    };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: assignment, name: 'trading' });
    this.#worker.on('error', (error) => {
      this.#crash = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve(this.#end()));
    });
    this.loaded = this.#load(source);
    // Whoever awaits it hears of the failure; without this line an unawaited one would end the process first.
    this.loaded.catch(() => {});
  }

  /** Lets the loaded strategy trade on this engine. */
  start(engineId: number): void {
    const message: StartMessage = { engineId };
    this.#worker.postMessage(message);
  }

  /** Ends the worker, in an endless loop too. False where it does not end, because it blocks outside of JavaScript. */
  async terminate(): Promise<boolean> {
    this.#worker.terminate();
    return Promise.race([this.ended.then(() => true), sleep(TERMINATE_TIMEOUT_MS, false)]);
  }

  #load(source: LoadedConfiguration): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (message: WorkerMessage) => {
        switch (message.kind) {
          case 'loaded':
            resolve();
            break;
          case 'load-failed':
            reject(new StrategyLoadError(message.reason));
            break;
          case 'parameters-wrong':
            reject(parametersError(source, message.problems));
            break;
          case 'ended':
            this.#outcome = message.outcome;
            break;
        }
      });
      this.#worker.once('exit', () => reject(new StrategyLoadError(this.#crash ?? 'the trading thread ended early')));
    });
  }

  #end(): WorkerEnd {
    if (this.#outcome !== undefined) {
      return { outcome: this.#outcome };
    }
    return { outcome: undefined, reason: this.#crash ?? 'the trading thread was terminated' };
  }
}

function parametersError(
  { file, text }: LoadedConfiguration,
  problems: readonly { readonly name: string; readonly problem: string }[],
): Error {
  return configurationError(
    file,
    text,
    problems.map(({ name, problem }) => ({ path: ['strategy', 'parameters', name], problem })),
  );
}
