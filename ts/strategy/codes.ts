// The small codes that travel between the native engine and a strategy. They mirror crates/types.

/** What `poll()` returned. */
export const EventKind = {
  None: 0,
  Book: 1,
  Trade: 2,
  Order: 3,
  Fill: 4,
  Timer: 5,
  Stale: 6,
  Stop: 7,
  Drained: 8,
} as const;

/** By which stream a book event came: the whole book by differences, the best levels, the best prices, or a snapshot. */
export const BookSource = { Diff: 0, Partial: 1, Ticker: 2, Snapshot: 3 } as const;
export type BookSource = (typeof BookSource)[keyof typeof BookSource];

/** Which side of the book. */
export const Side = { Buy: 0, Sell: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** How an order meets the book. */
export const OrderKind = { Limit: 0, Market: 1, PostOnly: 2 } as const;
export type OrderKind = (typeof OrderKind)[keyof typeof OrderKind];

/** How long an order lives: good till cancelled, immediate or cancel, fill or kill. */
export const TimeInForce = { Gtc: 0, Ioc: 1, Fok: 2 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

/** Where an order is in its life. From `Filled` on nothing more can happen to it. */
export const OrderStatus = {
  PendingNew: 0,
  New: 1,
  PartiallyFilled: 2,
  PendingCancel: 3,
  PendingReplace: 4,
  Unknown: 5,
  Filled: 6,
  Canceled: 7,
  Rejected: 8,
  Expired: 9,
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** Whether nothing more can happen to an order of this status. */
export function isTerminal(status: OrderStatus): boolean {
  return status >= OrderStatus.Filled;
}
