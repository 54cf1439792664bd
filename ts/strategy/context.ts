// What a strategy holds in its hands: orders, positions, books, the clock, timers and the log.

import * as layout from './layout.ts';
import { type NativeThread, type SharedMemory, viewMemory } from './memory.ts';
import { Orders } from './orders.ts';
import { BookView, InstrumentView, PositionView } from './views.ts';

/** Passed to every handler; made once. */
export class Context<Parameters, State> {
  /** The validated parameters from the configuration. */
  readonly parameters: Parameters;
  /** What the strategy's `state` function returned. */
  readonly state: State;
  /** The instruments of the configuration, in its order; an instrument's index is its place here. */
  readonly instruments: readonly InstrumentView[];
  readonly orders: Orders;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly #books: readonly BookView[];
  readonly #positions: readonly PositionView[];

  constructor(thread: NativeThread, symbols: readonly string[], parameters: Parameters, state: State) {
    const memory = viewMemory(thread);
    this.parameters = parameters;
    this.state = state;
    this.instruments = symbols.map((symbol, index) => new InstrumentView(memory, index, symbol));
    this.#books = this.instruments.map((instrument) => new BookView(thread, memory, instrument));
    this.#positions = this.instruments.map((instrument) => new PositionView(memory, instrument.index));
    this.orders = new Orders(thread, memory);
    this.clock = new Clock(memory);
    this.timers = new Timers(thread, memory);
    this.log = new Log(thread);
  }

  /** Best prices and depth of the instrument with this index. */
  book(instrument: number): BookView {
    return this.#books[instrument] ?? unknownInstrument(instrument);
  }

  /** The position in the instrument with this index. */
  position(instrument: number): PositionView {
    return this.#positions[instrument] ?? unknownInstrument(instrument);
  }
}

function unknownInstrument(instrument: number): never {
  throw new RangeError(`there is no instrument ${instrument} in the configuration`);
}

/** The engine's clock: real in live trading, simulated in a backtest. */
export class Clock {
  readonly #f64: Float64Array;

  constructor(memory: SharedMemory) {
    this.#f64 = memory.f64;
  }

  /** Nanoseconds since the engine started, as of the current event. */
  get now(): number {
    return this.#f64[layout.F64_NOW] as number;
  }

  /** UTC milliseconds at which the engine started; add `now / 1e6` for the time of day. */
  get startUtcMs(): number {
    return this.#f64[layout.F64_START_UTC_MS] as number;
  }
}

/** One-shot timers, 0 to 255; `onTimer` is called with the timer's number. */
export class Timers {
  readonly #thread: NativeThread;
  readonly #f64: Float64Array;

  constructor(thread: NativeThread, memory: SharedMemory) {
    this.#thread = thread;
    this.#f64 = memory.f64;
  }

  /** Arms the timer to fire once after `delayNs` nanoseconds, in place of what it was armed for before. */
  set(timer: number, delayNs: number): void {
    this.#f64[layout.F64_COMMAND_DELAY] = delayNs;
    this.#thread.setTimer(timer);
  }

  /** Disarms the timer. */
  clear(timer: number): void {
    this.#f64[layout.F64_COMMAND_DELAY] = -1;
    this.#thread.setTimer(timer);
  }
}

/** Log lines; they are written by another thread, so a call costs a copy. Texts are cut at 200 bytes. */
export class Log {
  readonly #thread: NativeThread;

  constructor(thread: NativeThread) {
    this.#thread = thread;
  }

  debug(text: string): void {
    this.#thread.log(0, text);
  }

  info(text: string): void {
    this.#thread.log(1, text);
  }

  warn(text: string): void {
    this.#thread.log(2, text);
  }

  error(text: string): void {
    this.#thread.log(3, text);
  }
}
