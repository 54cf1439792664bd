// A trading thread without a native engine, for tests: memory of the real layout, events that a test scripts, and orders
// that are acknowledged on the next poll and filled when the test says so.

import { EventKind, type OrderKind, OrderStatus, type Side } from '../codes.ts';
import * as layout from '../layout.ts';
import type { NativeThread } from '../memory.ts';

/** An order as the strategy sent it. */
export interface SentOrder {
  readonly handle: number;
  readonly instrument: number;
  readonly side: Side;
  readonly kind: OrderKind;
  readonly price: number;
  readonly quantity: number;
}

/** Stands in for the native trading thread. */
export class FakeThread implements NativeThread {
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly sent: SentOrder[] = [];
  readonly cancelled: number[] = [];
  readonly replaced: { readonly handle: number; readonly price: number }[] = [];
  readonly logged: string[] = [];
  /** What `strategyFailed` was told. */
  failure: string | undefined;
  /** A negated reject code to answer every order with. */
  refusal = 0;
  readonly #buffer = new ArrayBuffer(layout.WORDS * 8);
  readonly #events: (() => number)[] = [];
  #nextHandle = 0;

  constructor() {
    this.f64 = new Float64Array(this.#buffer);
    this.i32 = new Int32Array(this.#buffer);
    this.i32[layout.I32_INSTRUMENTS] = 1;
    this.i32[layout.I32_ORDERS_POSSIBLE] = 1;
    const base = layout.F64_INSTRUMENTS;
    this.f64[base + layout.F64_TICK] = 0.01;
    this.f64[base + layout.F64_LOT] = 0.00001;
    this.f64[base + layout.F64_BID_PRICE] = Number.NaN;
    this.f64[base + layout.F64_ASK_PRICE] = Number.NaN;
    for (let slot = 0; slot < layout.MAX_ORDERS; slot += 1) {
      this.i32[2 * slotWord(slot) + layout.I32_ORDER_HANDLE] = -1;
    }
  }

  /** The next poll finds these best prices. */
  book(bid: number, ask: number, afterNs = 1e9): this {
    return this.#queue(() => {
      const base = layout.F64_INSTRUMENTS;
      this.f64[layout.F64_NOW] = (this.f64[layout.F64_NOW] as number) + afterNs;
      this.f64[base + layout.F64_BID_PRICE] = bid;
      this.f64[base + layout.F64_ASK_PRICE] = ask;
      this.f64[base + layout.F64_BID_QUANTITY] = 1;
      this.f64[base + layout.F64_ASK_QUANTITY] = 1;
      return EventKind.Book;
    });
  }

  /** The next poll finds that the order is acknowledged. */
  acknowledge(handle: number): this {
    return this.#status(handle, OrderStatus.New);
  }

  /** The next poll finds that the venue refused the order. */
  refuse(handle: number): this {
    return this.#status(handle, OrderStatus.Rejected);
  }

  /** The next poll finds a fill of the whole order, and the position that it makes. */
  fill(handle: number, position: number): this {
    this.#status(handle, OrderStatus.Filled);
    return this.#queue(() => {
      this.f64[layout.F64_INSTRUMENTS + layout.F64_POSITION] = position;
      this.i32[layout.I32_EVENT_ORDER] = handle;
      return EventKind.Fill;
    });
  }

  /** The next poll finds that the book is stale or current again. */
  stale(isStale: boolean): this {
    return this.#queue(() => {
      this.i32[2 * layout.F64_INSTRUMENTS + layout.I32_STALE] = Number(isStale);
      return EventKind.Stale;
    });
  }

  /** The next poll finds an event of this kind. */
  event(kind: number): this {
    return this.#queue(() => kind);
  }

  memory(): ArrayBuffer {
    return this.#buffer;
  }

  poll(): number {
    return this.#events.shift()?.() ?? EventKind.Drained;
  }

  submit(): number {
    if (this.refusal < 0) {
      return this.refusal;
    }
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    const side = this.i32[layout.I32_COMMAND_SIDE] as Side;
    const instrument = this.i32[layout.I32_COMMAND_INSTRUMENT] as number;
    const kind = this.i32[layout.I32_COMMAND_KIND] as OrderKind;
    this.#write(handle, side);
    this.sent.push({ handle, instrument, side, kind, price: this.#price, quantity: this.#quantity });
    return handle;
  }

  cancel(handle: number): number {
    this.cancelled.push(handle);
    this.i32[2 * slotWord(handle) + layout.I32_ORDER_STATUS] = OrderStatus.PendingCancel;
    return 0;
  }

  replace(handle: number): number {
    this.replaced.push({ handle, price: this.#price });
    const replacement = this.#nextHandle;
    this.#nextHandle += 1;
    this.#write(replacement, this.i32[2 * slotWord(handle) + layout.I32_ORDER_SIDE] as Side);
    this.i32[2 * slotWord(handle) + layout.I32_ORDER_STATUS] = OrderStatus.Canceled;
    return replacement;
  }

  cancelAll(instrument: number): number {
    this.cancelled.push(instrument);
    return 0;
  }

  setTimer(_id: number): void {}

  depth(_instrument: number, levels: number): void {
    this.i32[layout.I32_DEPTH_BIDS] = levels;
    this.i32[layout.I32_DEPTH_ASKS] = levels;
  }

  log(_level: number, text: string): void {
    this.logged.push(text);
  }

  strategyFailed(reason: string): void {
    this.failure = reason;
  }

  get #price(): number {
    return this.f64[layout.F64_COMMAND_PRICE] as number;
  }

  get #quantity(): number {
    return this.f64[layout.F64_COMMAND_QUANTITY] as number;
  }

  #queue(event: () => number): this {
    this.#events.push(event);
    return this;
  }

  #status(handle: number, status: OrderStatus): this {
    return this.#queue(() => {
      this.i32[2 * slotWord(handle) + layout.I32_ORDER_STATUS] = status;
      this.i32[layout.I32_EVENT_ORDER] = handle;
      this.i32[layout.I32_EVENT_DETAIL] = status;
      return EventKind.Order;
    });
  }

  #write(handle: number, side: Side): void {
    const word = slotWord(handle);
    this.f64[word + layout.F64_ORDER_PRICE] = this.#price;
    this.f64[word + layout.F64_ORDER_QUANTITY] = this.#quantity;
    this.i32[2 * word + layout.I32_ORDER_STATUS] = OrderStatus.PendingNew;
    this.i32[2 * word + layout.I32_ORDER_SIDE] = side;
    this.i32[2 * word + layout.I32_ORDER_HANDLE] = handle;
  }
}

function slotWord(handle: number): number {
  return layout.F64_ORDERS + (handle & layout.ORDER_SLOT_MASK) * layout.ORDER_WORDS;
}
