// Orders, as a strategy makes them. Prices and quantities go into native memory first and the native call takes none of
// them, because a number with decimals that is passed to native code is put on the heap.

import { isTerminal, OrderKind, type OrderStatus, type Side, TimeInForce } from './codes.ts';
import * as layout from './layout.ts';
import type { NativeThread, SharedMemory } from './memory.ts';

/** Names a working order. Never negative; a negative number in its place is a negated reject code. */
export type OrderHandle = number;

/** Why an order was not sent, and what to do about it. */
export interface Rejection {
  readonly key: string;
  readonly fix: string;
}

const UNKNOWN_REJECTION: Rejection = { key: 'unknown', fix: 'compare the versions of the engine and its addon' };

/** What a negative answer of `limit`, `postOnly`, `market`, `cancel` or `replace` means. */
export function rejection(answer: number): Rejection {
  return layout.REJECT_REASONS[-answer] ?? UNKNOWN_REJECTION;
}

/** Sends, cancels, replaces and looks at orders. No method allocates. */
export class Orders {
  readonly #thread: NativeThread;
  readonly #f64: Float64Array;
  readonly #i32: Int32Array;

  constructor(thread: NativeThread, memory: SharedMemory) {
    this.#thread = thread;
    this.#f64 = memory.f64;
    this.#i32 = memory.i32;
  }

  /** Whether orders can be sent: connected, reconciled, not stopping, not killed. */
  get possible(): boolean {
    return this.#i32[layout.I32_ORDERS_POSSIBLE] === 1;
  }

  /** A limit order that rests with what is left, unless `timeInForce` says otherwise. Its handle or a negated code. */
  limit(
    instrument: number,
    side: Side,
    price: number,
    quantity: number,
    timeInForce: TimeInForce = TimeInForce.Gtc,
  ): OrderHandle {
    this.#f64[layout.F64_COMMAND_PRICE] = price;
    this.#f64[layout.F64_COMMAND_QUANTITY] = quantity;
    return this.#submit(instrument, side, OrderKind.Limit, timeInForce);
  }

  /** A limit order that the venue refuses if it would take liquidity. Its handle or a negated code. */
  postOnly(instrument: number, side: Side, price: number, quantity: number): OrderHandle {
    this.#f64[layout.F64_COMMAND_PRICE] = price;
    this.#f64[layout.F64_COMMAND_QUANTITY] = quantity;
    return this.#submit(instrument, side, OrderKind.PostOnly, TimeInForce.Gtc);
  }

  /** Takes what the book has, at whatever price. Its handle or a negated code. */
  market(instrument: number, side: Side, quantity: number): OrderHandle {
    this.#f64[layout.F64_COMMAND_PRICE] = 0;
    this.#f64[layout.F64_COMMAND_QUANTITY] = quantity;
    return this.#submit(instrument, side, OrderKind.Market, TimeInForce.Ioc);
  }

  /** Asks for the order's end: 0 or a negated code. The end itself comes as an order event. */
  cancel(handle: OrderHandle): number {
    return this.#thread.cancel(handle);
  }

  /** Replaces an order by a new one of the same side and kind: the new handle or a negated code. */
  replace(handle: OrderHandle, price: number, quantity: number): OrderHandle {
    this.#f64[layout.F64_COMMAND_PRICE] = price;
    this.#f64[layout.F64_COMMAND_QUANTITY] = quantity;
    return this.#thread.replace(handle);
  }

  /** Cancels every working order of an instrument; returns how many cancels were sent. */
  cancelAll(instrument: number): number {
    return this.#thread.cancelAll(instrument);
  }

  /** Cancels every working order there is; returns how many cancels were sent. */
  cancelEverything(): number {
    return this.#thread.cancelAll(-1);
  }

  /** Whether the order has not ended yet. Handles of ended orders and negated codes are not working. */
  isWorking(handle: OrderHandle): boolean {
    if (handle < 0) {
      return false;
    }
    const slot = 2 * slotOf(handle);
    if (this.#i32[slot + layout.I32_ORDER_HANDLE] !== handle) {
      return false;
    }
    return !isTerminal(this.#i32[slot + layout.I32_ORDER_STATUS] as OrderStatus);
  }

  /** The status of a working order. */
  status(handle: OrderHandle): OrderStatus {
    return this.#i32[2 * slotOf(handle) + layout.I32_ORDER_STATUS] as OrderStatus;
  }

  /** The price of a working order in quote units. */
  price(handle: OrderHandle): number {
    return this.#f64[slotOf(handle) + layout.F64_ORDER_PRICE] as number;
  }

  /** The quantity of a working order in base units. */
  quantity(handle: OrderHandle): number {
    return this.#f64[slotOf(handle) + layout.F64_ORDER_QUANTITY] as number;
  }

  /** How much of a working order was filled, in base units. */
  filled(handle: OrderHandle): number {
    return this.#f64[slotOf(handle) + layout.F64_ORDER_FILLED] as number;
  }

  /** When a working order was sent, nanoseconds since the engine started. */
  sentAt(handle: OrderHandle): number {
    return this.#f64[slotOf(handle) + layout.F64_ORDER_TIME] as number;
  }

  #submit(instrument: number, side: Side, kind: OrderKind, timeInForce: TimeInForce): OrderHandle {
    this.#i32[layout.I32_COMMAND_INSTRUMENT] = instrument;
    this.#i32[layout.I32_COMMAND_SIDE] = side;
    this.#i32[layout.I32_COMMAND_KIND] = kind;
    this.#i32[layout.I32_COMMAND_TIME_IN_FORCE] = timeInForce;
    return this.#thread.submit();
  }
}

/** First word of the order's slot. */
function slotOf(handle: OrderHandle): number {
  return layout.F64_ORDERS + (handle & layout.ORDER_SLOT_MASK) * layout.ORDER_WORDS;
}
