// The block of native memory that a strategy reads and writes, seen as two typed arrays; layout.ts says where what lies.

/** What strategies need of the native trading thread; tests put their own in its place. */
export interface NativeThread {
  /** The block that `layout.ts` describes. */
  memory(): ArrayBuffer;
  /** Runs one step and returns an `EventKind` code; 0 means nothing, after a bounded wait. */
  poll(): number;
  /** Sends the order in the command area: its handle, or a negated reject code. */
  submit(): number;
  /** Cancels an order: 0, or a negated reject code. */
  cancel(handle: number): number;
  /** Replaces an order by one with price and quantity of the command area: the new handle, or a negated reject code. */
  replace(handle: number): number;
  /** Cancels the working orders of an instrument, or all with -1. Returns how many cancels were sent. */
  cancelAll(instrument: number): number;
  /** Arms timer `id` (0 to 255) to fire once after the command area's delay; a negative delay disarms it. */
  setTimer(id: number): void;
  /** Fills the depth area with up to `levels` (at most 20) levels a side. */
  depth(instrument: number, levels: number): void;
  /** Writes a log line. Level 0 debug, 1 info, 2 warn, 3 error. The text is cut at 200 bytes. */
  log(level: number, text: string): void;
  /** A handler threw: orders are cancelled and no more are accepted; `poll()` goes on until Drained. */
  strategyFailed(reason: string): void;
}

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
