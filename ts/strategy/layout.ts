// Generated from crates/engine/src/layout.rs by `TERCEL_UPDATE=1 cargo test -p tercel-engine layout`. Do not edit.

/** Size of the whole block in 8-byte words. */
export const WORDS = 8832

/** The most instruments an engine has. */
export const MAX_INSTRUMENTS = 16

/** The most orders that can work at once. */
export const MAX_ORDERS = 1024

/** The most levels a side that depth() fills. */
export const MAX_DEPTH = 20

/** Event: when the engine learned of it, nanoseconds since the engine started. */
export const F64_EVENT_TIME = 0

/** Event: when the venue says it happened, nanoseconds since the engine started by the venue's clock; NaN if unsaid. */
export const F64_EVENT_VENUE_TIME = 1

/** Event: price in quote units. */
export const F64_EVENT_PRICE = 2

/** Event: quantity in base units. */
export const F64_EVENT_QUANTITY = 3

/** Event: update, trade or timer id. */
export const F64_EVENT_ID = 4

/** Event: fee in quote units. */
export const F64_EVENT_FEE = 5

/** Event: index of the instrument. */
export const I32_EVENT_INSTRUMENT = 12

/** Event: small code; see EventKind. */
export const I32_EVENT_DETAIL = 13

/** Event: handle of the order. */
export const I32_EVENT_ORDER = 14

/** Event: the venue's error code. */
export const I32_EVENT_CODE = 15

/** Command: price in quote units. */
export const F64_COMMAND_PRICE = 8

/** Command: quantity in base units. */
export const F64_COMMAND_QUANTITY = 9

/** Command: delay of a timer in nanoseconds. */
export const F64_COMMAND_DELAY = 10

/** Command: index of the instrument. */
export const I32_COMMAND_INSTRUMENT = 22

/** Command: Side code. */
export const I32_COMMAND_SIDE = 23

/** Command: OrderKind code. */
export const I32_COMMAND_KIND = 24

/** Command: TimeInForce code. */
export const I32_COMMAND_TIME_IN_FORCE = 25

/** Command: handle of the order to cancel or to replace. */
export const I32_COMMAND_ORDER = 26

/** Command: which timer, 0 to 255. */
export const I32_COMMAND_TIMER = 27

/** Command: how many levels a side are wanted. */
export const I32_COMMAND_LEVELS = 28

/** Nanoseconds since the engine started, as of the last poll(). */
export const F64_NOW = 16

/** UTC milliseconds at which the engine started. */
export const F64_START_UTC_MS = 17

/** 1 while orders are possible: connected, reconciled, not stopping, not killed. */
export const I32_ORDERS_POSSIBLE = 36

/** How many instruments there are. */
export const I32_INSTRUMENTS = 37

/** First word of the first instrument's block. */
export const F64_INSTRUMENTS = 32

/** Words of an instrument's block. */
export const INSTRUMENT_WORDS = 32

/** Instrument block: best bid price; NaN where the side is empty. */
export const F64_BID_PRICE = 0

/** Instrument block: quantity at the best bid. */
export const F64_BID_QUANTITY = 1

/** Instrument block: best ask price; NaN where the side is empty. */
export const F64_ASK_PRICE = 2

/** Instrument block: quantity at the best ask. */
export const F64_ASK_QUANTITY = 3

/** Instrument block: update id of the best prices. */
export const F64_UPDATE_ID = 4

/** Instrument block: when the best prices were received, nanoseconds since the engine started. */
export const F64_BOOK_TIME = 5

/** Instrument block: signed position in base units. */
export const F64_POSITION = 6

/** Instrument block: average cost of the position in quote units; 0 when flat. */
export const F64_AVERAGE_COST = 7

/** Instrument block: realised profit and loss, net of fees, in quote units. */
export const F64_REALISED_PNL = 8

/** Instrument block: fees paid so far in quote units. */
export const F64_FEES = 9

/** Instrument block: price increment. */
export const F64_TICK = 10

/** Instrument block: quantity increment. */
export const F64_LOT = 11

/** Instrument block: least quantity of an order. */
export const F64_MIN_QUANTITY = 12

/** Instrument block: least price times quantity of an order. */
export const F64_MIN_NOTIONAL = 13

/** Instrument block: price of the last public trade; NaN before the first. */
export const F64_LAST_PRICE = 14

/** Instrument block: quantity of all working buy orders. */
export const F64_OPEN_BUY = 15

/** Instrument block: quantity of all working sell orders. */
export const F64_OPEN_SELL = 16

/** Instrument block, as Int32 index from twice the block's word: 1 while the data is not current. */
export const I32_STALE = 48

/** Instrument block, as Int32 index from twice the block's word: number of working orders. */
export const I32_OPEN_ORDERS = 49

/** First word of the depth area; a level is bid price, bid quantity, ask price, ask quantity. */
export const F64_DEPTH = 544

/** Levels that depth() filled on the bid side. */
export const I32_DEPTH_BIDS = 1248

/** Levels that depth() filled on the ask side. */
export const I32_DEPTH_ASKS = 1249

/** The last update of the book that depth() read. */
export const F64_DEPTH_UPDATE_ID = 625

/** First word of the first order slot. */
export const F64_ORDERS = 640

/** Words of an order slot. */
export const ORDER_WORDS = 8

/** Order slot: price in quote units. */
export const F64_ORDER_PRICE = 0

/** Order slot: quantity in base units. */
export const F64_ORDER_QUANTITY = 1

/** Order slot: filled quantity in base units. */
export const F64_ORDER_FILLED = 2

/** Order slot: when it was sent, nanoseconds since the engine started. */
export const F64_ORDER_TIME = 3

/** Order slot, as Int32 index from twice the slot's word: OrderStatus code. */
export const I32_ORDER_STATUS = 8

/** Order slot, as Int32 index from twice the slot's word: Side code. */
export const I32_ORDER_SIDE = 9

/** Order slot, as Int32 index from twice the slot's word: index of the instrument. */
export const I32_ORDER_INSTRUMENT = 10

/** Order slot, as Int32 index from twice the slot's word: handle of the order in the slot; -1 while it is empty. */
export const I32_ORDER_HANDLE = 11

/** A handle's lower bits are its slot: handle & ORDER_SLOT_MASK. */
export const ORDER_SLOT_MASK = 1023

/** Why an order was refused, by code; `submit` returns the negated code. */
export const REJECT_REASONS = [
  { key: "accepted", fix: "" },
  { key: "tick", fix: "round the price to the instrument's tick and keep it inside the venue's price limits" },
  { key: "lot", fix: "round the quantity to the instrument's lot and keep it inside the venue's quantity limits" },
  { key: "notional", fix: "change the quantity until price times quantity is inside the limits" },
  { key: "price_collar", fix: "price nearer to the market or widen risk.price_collar_bps" },
  { key: "position_limit", fix: "reduce the order or raise risk.max_position" },
  { key: "order_rate", fix: "send fewer orders or raise risk.max_orders_per_second (never above the venue's own limit)" },
  { key: "self_cross", fix: "cancel your opposite order first" },
  { key: "stale_book", fix: "wait for onBook after onStale, or raise risk.max_data_age_ms" },
  { key: "kill_switch", fix: "find out why trading was stopped, then start the engine again" },
  { key: "too_many_orders", fix: "cancel orders or raise risk.max_open_orders" },
  { key: "not_connected", fix: "wait until orders are possible again" },
  { key: "back_pressure", fix: "send fewer orders; the venue or the network is not keeping up" },
  { key: "unknown_order", fix: "use the handle that submit returned, while the order works" },
  { key: "pending_request", fix: "wait for the answer to the request before" },
  { key: "not_a_number", fix: "pass a finite positive number that the instrument's scale can hold" },
  { key: "venue", fix: "read the venue's message in the log" },
] as const
