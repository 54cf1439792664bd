// The block of native memory that a strategy reads and writes, seen as two typed arrays; layout.ts says where what lies.

import type { TradingThread } from '../../bindings/index.d.ts';

/** What strategies need of the native trading thread; tests put their own in its place. */
export type NativeThread = Pick<
  TradingThread,
  'memory' | 'poll' | 'submit' | 'cancel' | 'replace' | 'cancelAll' | 'setTimer' | 'depth' | 'log' | 'strategyFailed'
>;

/** Two views of one block: doubles at even 8-byte words, 32-bit integers two to a word. */
export interface SharedMemory {
  readonly f64: Float64Array;
  readonly i32: Int32Array;
}

/** Views the thread's block. */
export function viewMemory(thread: Pick<NativeThread, 'memory'>): SharedMemory {
  const buffer = thread.memory();
  return { f64: new Float64Array(buffer), i32: new Int32Array(buffer) };
}
