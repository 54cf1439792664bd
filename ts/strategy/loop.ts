// The loop of the trading thread: one native `poll()` a turn, and the handler of what it found.

import { EventKind } from './codes.ts';
import { Context } from './context.ts';
import type { AnyStrategy } from './define.ts';
import * as layout from './layout.ts';
import { type NativeThread, viewMemory } from './memory.ts';
import { describeThrown } from './thrown.ts';
import { type BookView, FillView, OrderView, TradeView } from './views.ts';

/** How a strategy's run ended. */
export interface LoopOutcome {
  /** Whether the deadline passed with orders that were not confirmed gone. */
  readonly ordersLeft: boolean;
  /** What a handler threw, if one did. */
  readonly failure: string | undefined;
}

type Handler<Argument> = (ctx: Context<unknown, unknown>, argument: Argument) => void;

const IGNORE = (): void => {};

/** Runs a strategy's handlers over the events of a native trading thread. */
export class StrategyLoop {
  readonly #thread: NativeThread;
  readonly #i32: Int32Array;
  readonly #f64: Float64Array;
  readonly #ctx: Context<unknown, unknown>;
  readonly #trade: TradeView;
  readonly #order: OrderView;
  readonly #fill: FillView;
  readonly #onStart: Handler<void>;
  readonly #onBook: Handler<BookView>;
  readonly #onTrade: Handler<TradeView>;
  readonly #onOrder: Handler<OrderView>;
  readonly #onFill: Handler<FillView>;
  readonly #onTimer: Handler<number>;
  readonly #onStale: Handler<BookView>;
  readonly #onStop: Handler<void>;
  #failure: string | undefined;

  constructor(thread: NativeThread, symbols: readonly string[], strategy: AnyStrategy, parameters: object) {
    const memory = viewMemory(thread);
    const state = this.#makeState(strategy, parameters);
    this.#thread = thread;
    this.#i32 = memory.i32;
    this.#f64 = memory.f64;
    this.#ctx = new Context<unknown, unknown>(thread, symbols, parameters, state);
    this.#trade = new TradeView(memory);
    this.#order = new OrderView(memory);
    this.#fill = new FillView(memory);
    this.#onStart = (strategy.onStart ?? IGNORE) as Handler<void>;
    this.#onBook = (strategy.onBook ?? IGNORE) as Handler<BookView>;
    this.#onTrade = (strategy.onTrade ?? IGNORE) as Handler<TradeView>;
    this.#onOrder = (strategy.onOrder ?? IGNORE) as Handler<OrderView>;
    this.#onFill = (strategy.onFill ?? IGNORE) as Handler<FillView>;
    this.#onTimer = (strategy.onTimer ?? IGNORE) as Handler<number>;
    this.#onStale = (strategy.onStale ?? IGNORE) as Handler<BookView>;
    this.#onStop = (strategy.onStop ?? IGNORE) as Handler<void>;
  }

  /** Calls `onStart` and then handles events until the engine has stopped and its orders are gone. */
  run(): LoopOutcome {
    this.#start();
    while (this.step() !== EventKind.Drained) {
      // Every turn is in step(), which the compiler optimises on its own.
    }
    return { ordersLeft: this.#i32[layout.I32_EVENT_DETAIL] === 1, failure: this.#failure };
  }

  /** One turn: what `poll()` found. A handler that throws is not called again, nor is any other. */
  step(): number {
    const kind = this.#thread.poll();
    if (kind !== EventKind.None && this.#failure === undefined) {
      try {
        this.#dispatch(kind);
      } catch (thrown) {
        this.#fail(thrown);
      }
    }
    return kind;
  }

  #start(): void {
    if (this.#failure !== undefined) {
      this.#thread.strategyFailed(this.#failure);
      return;
    }
    try {
      this.#onStart(this.#ctx);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #makeState(strategy: AnyStrategy, parameters: object): unknown {
    try {
      return strategy.state?.(parameters as never);
    } catch (thrown) {
      this.#failure = describeThrown(thrown);
      return undefined;
    }
  }

  #dispatch(kind: number): void {
    switch (kind) {
      case EventKind.Book:
        this.#onBook(this.#ctx, this.#book());
        break;
      case EventKind.Trade:
        this.#onTrade(this.#ctx, this.#trade);
        break;
      case EventKind.Order:
        this.#onOrder(this.#ctx, this.#order);
        break;
      case EventKind.Fill:
        this.#onFill(this.#ctx, this.#fill);
        break;
      case EventKind.Timer:
        this.#onTimer(this.#ctx, (this.#f64[layout.F64_EVENT_ID] as number) | 0);
        break;
      case EventKind.Stale:
        this.#onStale(this.#ctx, this.#book());
        break;
      case EventKind.Stop:
        this.#onStop(this.#ctx);
        break;
    }
  }

  #book(): BookView {
    return this.#ctx.book(this.#i32[layout.I32_EVENT_INSTRUMENT] as number);
  }

  #fail(thrown: unknown): void {
    this.#failure = describeThrown(thrown);
    this.#thread.strategyFailed(this.#failure);
  }
}
