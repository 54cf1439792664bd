// What handlers are given: objects made once, whose getters read native memory. Reading one allocates nothing, and what
// it says is true until the handler returns; a strategy that wants to keep a number copies the number.

import type { BookSource, OrderStatus, Side } from './codes.ts';
import * as layout from './layout.ts';
import type { NativeThread, SharedMemory } from './memory.ts';

/** An instrument's fixed rules. */
export class InstrumentView {
  /** The instrument's index; what orders and positions are asked for by. */
  readonly index: number;
  /** Its name at the venue. */
  readonly symbol: string;
  readonly #f64: Float64Array;
  readonly #base: number;

  constructor(memory: SharedMemory, index: number, symbol: string) {
    this.index = index;
    this.symbol = symbol;
    this.#f64 = memory.f64;
    this.#base = layout.F64_INSTRUMENTS + index * layout.INSTRUMENT_WORDS;
  }

  /** Price increment in quote units. */
  get tick(): number {
    return this.#f64[this.#base + layout.F64_TICK] as number;
  }

  /** Quantity increment in base units. */
  get lot(): number {
    return this.#f64[this.#base + layout.F64_LOT] as number;
  }

  /** Least quantity of an order in base units. */
  get minQuantity(): number {
    return this.#f64[this.#base + layout.F64_MIN_QUANTITY] as number;
  }

  /** Least price times quantity of an order in quote units. */
  get minNotional(): number {
    return this.#f64[this.#base + layout.F64_MIN_NOTIONAL] as number;
  }

  /** The nearest price on the tick grid that is not above `price`. */
  roundDown(price: number): number {
    const tick = this.#f64[this.#base + layout.F64_TICK] as number;
    return Math.floor(price / tick + GRID_TOLERANCE) * tick;
  }

  /** The nearest price on the tick grid that is not below `price`. */
  roundUp(price: number): number {
    const tick = this.#f64[this.#base + layout.F64_TICK] as number;
    return Math.ceil(price / tick - GRID_TOLERANCE) * tick;
  }

  /** The largest quantity on the lot grid that is not above `quantity`. */
  roundQuantity(quantity: number): number {
    const lot = this.#f64[this.#base + layout.F64_LOT] as number;
    return Math.floor(quantity / lot + GRID_TOLERANCE) * lot;
  }
}

/** A price that lies on the grid but for the rounding of a division counts as lying on it. */
const GRID_TOLERANCE = 1e-6;

/** The best prices of one instrument, and its depth on demand. */
export class BookView {
  /** The instrument's fixed rules. */
  readonly instrument: InstrumentView;
  readonly #thread: NativeThread;
  readonly #f64: Float64Array;
  readonly #i32: Int32Array;
  readonly #base: number;

  constructor(thread: NativeThread, memory: SharedMemory, instrument: InstrumentView) {
    this.instrument = instrument;
    this.#thread = thread;
    this.#f64 = memory.f64;
    this.#i32 = memory.i32;
    this.#base = layout.F64_INSTRUMENTS + instrument.index * layout.INSTRUMENT_WORDS;
  }

  /** Best bid price in quote units; NaN while the side is empty. */
  get bidPrice(): number {
    return this.#f64[this.#base + layout.F64_BID_PRICE] as number;
  }

  /** Quantity at the best bid in base units. */
  get bidQuantity(): number {
    return this.#f64[this.#base + layout.F64_BID_QUANTITY] as number;
  }

  /** Best ask price in quote units; NaN while the side is empty. */
  get askPrice(): number {
    return this.#f64[this.#base + layout.F64_ASK_PRICE] as number;
  }

  /** Quantity at the best ask in base units. */
  get askQuantity(): number {
    return this.#f64[this.#base + layout.F64_ASK_QUANTITY] as number;
  }

  /** Half way between the best prices; NaN while a side is empty. */
  get midPrice(): number {
    const bid = this.#f64[this.#base + layout.F64_BID_PRICE] as number;
    const ask = this.#f64[this.#base + layout.F64_ASK_PRICE] as number;
    return (bid + ask) / 2;
  }

  /** Between the best prices, nearer to the side with less behind it; NaN while a side is empty. */
  get microPrice(): number {
    const bid = this.#f64[this.#base + layout.F64_BID_PRICE] as number;
    const ask = this.#f64[this.#base + layout.F64_ASK_PRICE] as number;
    const bidQuantity = this.#f64[this.#base + layout.F64_BID_QUANTITY] as number;
    const askQuantity = this.#f64[this.#base + layout.F64_ASK_QUANTITY] as number;
    return (bid * askQuantity + ask * bidQuantity) / (bidQuantity + askQuantity);
  }

  /** Best ask less best bid in quote units; NaN while a side is empty. */
  get spread(): number {
    const bid = this.#f64[this.#base + layout.F64_BID_PRICE] as number;
    const ask = this.#f64[this.#base + layout.F64_ASK_PRICE] as number;
    return ask - bid;
  }

  /** The venue's update id of the best prices. */
  get updateId(): number {
    return this.#f64[this.#base + layout.F64_UPDATE_ID] as number;
  }

  /** When the best prices were received, nanoseconds since the engine started. */
  get receivedAt(): number {
    return this.#f64[this.#base + layout.F64_BOOK_TIME] as number;
  }

  /** Price of the last public trade; NaN before the first. */
  get lastPrice(): number {
    return this.#f64[this.#base + layout.F64_LAST_PRICE] as number;
  }

  /** What brought the event that is being handled; only meaningful in `onBook`. */
  get source(): BookSource {
    return this.#i32[layout.I32_EVENT_DETAIL] as BookSource;
  }

  /** Whether the data is not current: no order should rest on it. */
  get isStale(): boolean {
    return this.#i32[2 * this.#base + layout.I32_STALE] !== 0;
  }

  /** Reads up to `levels` levels a side (at most 20) for the accessors below, which stay valid until the next call. */
  readDepth(levels: number): void {
    this.#thread.depth(this.instrument.index, levels);
  }

  /** The venue's update id of the levels read; the best prices above can be newer, by the stream of best prices. */
  get depthUpdateId(): number {
    return this.#f64[layout.F64_DEPTH_UPDATE_ID] as number;
  }

  /** Levels read on the bid side. */
  get bidLevels(): number {
    return this.#i32[layout.I32_DEPTH_BIDS] as number;
  }

  /** Levels read on the ask side. */
  get askLevels(): number {
    return this.#i32[layout.I32_DEPTH_ASKS] as number;
  }

  /** Price of a bid level, 0 being the best. */
  bidPriceAt(level: number): number {
    return this.#f64[layout.F64_DEPTH + level * 4] as number;
  }

  /** Quantity of a bid level, 0 being the best. */
  bidQuantityAt(level: number): number {
    return this.#f64[layout.F64_DEPTH + level * 4 + 1] as number;
  }

  /** Price of an ask level, 0 being the best. */
  askPriceAt(level: number): number {
    return this.#f64[layout.F64_DEPTH + level * 4 + 2] as number;
  }

  /** Quantity of an ask level, 0 being the best. */
  askQuantityAt(level: number): number {
    return this.#f64[layout.F64_DEPTH + level * 4 + 3] as number;
  }
}

/** What all events have: an instrument and two times. */
class EventView {
  protected readonly f64: Float64Array;
  protected readonly i32: Int32Array;

  constructor(memory: SharedMemory) {
    this.f64 = memory.f64;
    this.i32 = memory.i32;
  }

  /** Index of the instrument. */
  get instrument(): number {
    return this.i32[layout.I32_EVENT_INSTRUMENT] as number;
  }

  /** When the engine learned of it, nanoseconds since the engine started. */
  get receivedAt(): number {
    return this.f64[layout.F64_EVENT_TIME] as number;
  }

  /** When the venue says it happened, on the same scale by the venue's clock; NaN if it does not say. */
  get venueTime(): number {
    return this.f64[layout.F64_EVENT_VENUE_TIME] as number;
  }

  /** In quote units. */
  get price(): number {
    return this.f64[layout.F64_EVENT_PRICE] as number;
  }

  /** In base units. */
  get quantity(): number {
    return this.f64[layout.F64_EVENT_QUANTITY] as number;
  }
}

/** A public trade. */
export class TradeView extends EventView {
  /** The venue's trade id. */
  get id(): number {
    return this.f64[layout.F64_EVENT_ID] as number;
  }

  /** Who took liquidity. */
  get aggressor(): Side {
    return this.i32[layout.I32_EVENT_DETAIL] as Side;
  }
}

/** One of the strategy's orders changed its state. */
export class OrderView extends EventView {
  /** What `submit` returned. */
  get handle(): number {
    return this.i32[layout.I32_EVENT_ORDER] as number;
  }

  /** The new status. */
  get status(): OrderStatus {
    return this.i32[layout.I32_EVENT_DETAIL] as OrderStatus;
  }

  /** The venue's error code, 0 if there is none. */
  get venueCode(): number {
    return this.i32[layout.I32_EVENT_CODE] as number;
  }
}

/** One of the strategy's orders was filled; price and quantity are those of this fill. */
export class FillView extends EventView {
  /** The order's handle. */
  get handle(): number {
    return this.i32[layout.I32_EVENT_ORDER] as number;
  }

  /** The venue's trade id. */
  get tradeId(): number {
    return this.f64[layout.F64_EVENT_ID] as number;
  }

  /** The order's side. */
  get side(): Side {
    return ((this.i32[layout.I32_EVENT_DETAIL] as number) & 1) as Side;
  }

  /** Whether the order rested and was hit, rather than taking. */
  get isMaker(): boolean {
    return ((this.i32[layout.I32_EVENT_DETAIL] as number) & 2) !== 0;
  }

  /** In quote units. */
  get fee(): number {
    return this.f64[layout.F64_EVENT_FEE] as number;
  }
}

/** The position in one instrument. */
export class PositionView {
  readonly #f64: Float64Array;
  readonly #i32: Int32Array;
  readonly #base: number;

  constructor(memory: SharedMemory, instrument: number) {
    this.#f64 = memory.f64;
    this.#i32 = memory.i32;
    this.#base = layout.F64_INSTRUMENTS + instrument * layout.INSTRUMENT_WORDS;
  }

  /** Signed, in base units. */
  get quantity(): number {
    return this.#f64[this.#base + layout.F64_POSITION] as number;
  }

  /** Average cost in quote units; 0 when flat. */
  get averageCost(): number {
    return this.#f64[this.#base + layout.F64_AVERAGE_COST] as number;
  }

  /** Realised profit and loss, net of fees, in quote units. */
  get realisedPnl(): number {
    return this.#f64[this.#base + layout.F64_REALISED_PNL] as number;
  }

  /** Fees paid so far in quote units. */
  get fees(): number {
    return this.#f64[this.#base + layout.F64_FEES] as number;
  }

  /** Quantity of all working buy orders. */
  get openBuy(): number {
    return this.#f64[this.#base + layout.F64_OPEN_BUY] as number;
  }

  /** Quantity of all working sell orders. */
  get openSell(): number {
    return this.#f64[this.#base + layout.F64_OPEN_SELL] as number;
  }

  /** Number of working orders. */
  get openOrders(): number {
    return this.#i32[2 * this.#base + layout.I32_OPEN_ORDERS] as number;
  }
}
