// What the main thread and the strategy's worker say to each other, before and after trading. While it trades the worker
// spins on native code and takes no message: everything then goes through the engine.

import type { LoopOutcome } from '../strategy/loop.ts';
import type { ParameterProblem } from '../strategy/parameters.ts';

/** What the worker is born with. */
export interface WorkerAssignment {
  readonly strategyFile: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly symbols: readonly string[];
}

/** From the main thread: attach to this engine and trade. */
export interface StartMessage {
  readonly engineId: number;
}

/** From the worker. */
export type WorkerMessage =
  | { readonly kind: 'loaded'; readonly name: string }
  | { readonly kind: 'load-failed'; readonly reason: string }
  | { readonly kind: 'parameters-wrong'; readonly problems: readonly ParameterProblem[] }
  | { readonly kind: 'ended'; readonly outcome: LoopOutcome };
