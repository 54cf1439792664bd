//! Where everything lies in the memory that the trading thread shares with its strategy.
//!
//! The memory is one block of 8-byte words. TypeScript sees it twice, as a `Float64Array` (one element a word) and as an
//! `Int32Array` (two elements a word); a location is only ever used as one of the two. Offsets below are element indices
//! of the array named in the constant's prefix. `ts/strategy/layout.ts` is generated from this file, so that both
//! languages read one truth and the JavaScript compiler sees plain constants.
//!
//! ```text
//! word      0 ┌───────────────┐
//!             │ event         │  what poll() returned
//!           8 ├───────────────┤
//!             │ command       │  what the strategy asks for, written before submit(), replace() and setTimer()
//!          16 ├───────────────┤
//!             │ clock, state  │
//!          32 ├───────────────┤
//!             │ instruments   │  16 blocks of 32 words
//!         544 ├───────────────┤
//!             │ depth         │  20 levels of bid price, bid quantity, ask price, ask quantity
//!         640 ├───────────────┤
//!             │ orders        │  1,024 blocks of 8 words, by slot
//!        8832 └───────────────┘
//! ```

macro_rules! layout {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: usize = $value;)+

        /// Name, value and meaning of every constant, in the order of this file.
        pub const CONSTANTS: &[(&str, usize, &str)] = &[$((stringify!($name), $value, concat!($($doc),+)),)+];
    };
}

layout! {
    /// Size of the whole block in 8-byte words.
    WORDS = 640 + MAX_ORDERS * ORDER_WORDS;
    /// The most instruments an engine has.
    MAX_INSTRUMENTS = 16;
    /// The most orders that can work at once.
    MAX_ORDERS = 1024;
    /// The most levels a side that depth() fills.
    MAX_DEPTH = 20;

    /// Event: when the engine learned of it, nanoseconds since the engine started.
    F64_EVENT_TIME = 0;
    /// Event: when the venue says it happened, nanoseconds since the engine started by the venue's clock; NaN if unsaid.
    F64_EVENT_VENUE_TIME = 1;
    /// Event: price in quote units.
    F64_EVENT_PRICE = 2;
    /// Event: quantity in base units.
    F64_EVENT_QUANTITY = 3;
    /// Event: update, trade or timer id.
    F64_EVENT_ID = 4;
    /// Event: fee in quote units.
    F64_EVENT_FEE = 5;
    /// Event: index of the instrument.
    I32_EVENT_INSTRUMENT = 12;
    /// Event: small code; see EventKind.
    I32_EVENT_DETAIL = 13;
    /// Event: handle of the order.
    I32_EVENT_ORDER = 14;
    /// Event: the venue's error code.
    I32_EVENT_CODE = 15;

    /// Command: price in quote units.
    F64_COMMAND_PRICE = 8;
    /// Command: quantity in base units.
    F64_COMMAND_QUANTITY = 9;
    /// Command: delay of a timer in nanoseconds.
    F64_COMMAND_DELAY = 10;
    /// Command: index of the instrument.
    I32_COMMAND_INSTRUMENT = 22;
    /// Command: Side code.
    I32_COMMAND_SIDE = 23;
    /// Command: OrderKind code.
    I32_COMMAND_KIND = 24;
    /// Command: TimeInForce code.
    I32_COMMAND_TIME_IN_FORCE = 25;
    /// Command: handle of the order to cancel or to replace.
    I32_COMMAND_ORDER = 26;
    /// Command: which timer, 0 to 255.
    I32_COMMAND_TIMER = 27;
    /// Command: how many levels a side are wanted.
    I32_COMMAND_LEVELS = 28;

    /// Nanoseconds since the engine started, as of the last poll().
    F64_NOW = 16;
    /// UTC milliseconds at which the engine started.
    F64_START_UTC_MS = 17;
    /// 1 while orders are possible: connected, reconciled, not stopping, not killed.
    I32_ORDERS_POSSIBLE = 36;
    /// How many instruments there are.
    I32_INSTRUMENTS = 37;

    /// First word of the first instrument's block.
    F64_INSTRUMENTS = 32;
    /// Words of an instrument's block.
    INSTRUMENT_WORDS = 32;
    /// Instrument block: best bid price; NaN where the side is empty.
    F64_BID_PRICE = 0;
    /// Instrument block: quantity at the best bid.
    F64_BID_QUANTITY = 1;
    /// Instrument block: best ask price; NaN where the side is empty.
    F64_ASK_PRICE = 2;
    /// Instrument block: quantity at the best ask.
    F64_ASK_QUANTITY = 3;
    /// Instrument block: update id of the best prices.
    F64_UPDATE_ID = 4;
    /// Instrument block: when the best prices were received, nanoseconds since the engine started.
    F64_BOOK_TIME = 5;
    /// Instrument block: signed position in base units.
    F64_POSITION = 6;
    /// Instrument block: average cost of the position in quote units; 0 when flat.
    F64_AVERAGE_COST = 7;
    /// Instrument block: realised profit and loss, net of fees, in quote units.
    F64_REALISED_PNL = 8;
    /// Instrument block: fees paid so far in quote units.
    F64_FEES = 9;
    /// Instrument block: price increment.
    F64_TICK = 10;
    /// Instrument block: quantity increment.
    F64_LOT = 11;
    /// Instrument block: least quantity of an order.
    F64_MIN_QUANTITY = 12;
    /// Instrument block: least price times quantity of an order.
    F64_MIN_NOTIONAL = 13;
    /// Instrument block: price of the last public trade; NaN before the first.
    F64_LAST_PRICE = 14;
    /// Instrument block: quantity of all working buy orders.
    F64_OPEN_BUY = 15;
    /// Instrument block: quantity of all working sell orders.
    F64_OPEN_SELL = 16;
    /// Instrument block, as Int32 index from twice the block's word: 1 while the data is not current.
    I32_STALE = 48;
    /// Instrument block, as Int32 index from twice the block's word: number of working orders.
    I32_OPEN_ORDERS = 49;

    /// First word of the depth area; a level is bid price, bid quantity, ask price, ask quantity.
    F64_DEPTH = 544;
    /// Levels that depth() filled on the bid side.
    I32_DEPTH_BIDS = 1248;
    /// Levels that depth() filled on the ask side.
    I32_DEPTH_ASKS = 1249;
    /// The last update of the book that depth() read.
    F64_DEPTH_UPDATE_ID = 625;

    /// First word of the first order slot.
    F64_ORDERS = 640;
    /// Words of an order slot.
    ORDER_WORDS = 8;
    /// Order slot: price in quote units.
    F64_ORDER_PRICE = 0;
    /// Order slot: quantity in base units.
    F64_ORDER_QUANTITY = 1;
    /// Order slot: filled quantity in base units.
    F64_ORDER_FILLED = 2;
    /// Order slot: when it was sent, nanoseconds since the engine started.
    F64_ORDER_TIME = 3;
    /// Order slot, as Int32 index from twice the slot's word: OrderStatus code.
    I32_ORDER_STATUS = 8;
    /// Order slot, as Int32 index from twice the slot's word: Side code.
    I32_ORDER_SIDE = 9;
    /// Order slot, as Int32 index from twice the slot's word: index of the instrument.
    I32_ORDER_INSTRUMENT = 10;
    /// Order slot, as Int32 index from twice the slot's word: handle of the order in the slot; -1 while it is empty.
    I32_ORDER_HANDLE = 11;
    /// A handle's lower bits are its slot: handle & ORDER_SLOT_MASK.
    ORDER_SLOT_MASK = MAX_ORDERS - 1;
}

/// The generated TypeScript file.
#[must_use]
pub fn typescript() -> String {
    use std::fmt::Write;
    use tercel_types::RejectReason;
    let mut text = String::from(
        "// Generated from crates/engine/src/layout.rs by `TERCEL_UPDATE=1 cargo test -p tercel-engine layout`. Do not edit.\n",
    );
    for (name, value, doc) in CONSTANTS {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n/**{doc} */\nexport const {name} = {value}\n");
    }
    text.push_str("\n/** Why an order was refused, by code; `submit` returns the negated code. */\n");
    text.push_str("export const REJECT_REASONS = [\n");
    for reason in RejectReason::ALL {
        let _ = writeln!(text, "  {{ key: {:?}, fix: {:?} }},", reason.key(), reason.fix());
    }
    text.push_str("] as const\n");
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_layout_that_typescript_reads_is_the_one_of_this_file() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ts/strategy/layout.ts"));
        let generated = super::typescript();
        if std::env::var_os("TERCEL_UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &generated).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == generated,
            "ts/strategy/layout.ts is out of date: TERCEL_UPDATE=1 cargo test -p tercel-engine layout"
        );
    }

    #[test]
    fn areas_do_not_overlap() {
        use super::*;
        const { assert!(F64_INSTRUMENTS + MAX_INSTRUMENTS * INSTRUMENT_WORDS <= F64_DEPTH) };
        const { assert!(F64_DEPTH + MAX_DEPTH * 4 <= I32_DEPTH_BIDS / 2) };
        const { assert!(I32_DEPTH_ASKS / 2 < F64_DEPTH_UPDATE_ID && F64_DEPTH_UPDATE_ID < F64_ORDERS) };
        const { assert!(I32_STALE / 2 > F64_OPEN_SELL && I32_OPEN_ORDERS < 2 * INSTRUMENT_WORDS) };
        const { assert!(F64_ORDERS + MAX_ORDERS * ORDER_WORDS == WORDS) };
    }
}
