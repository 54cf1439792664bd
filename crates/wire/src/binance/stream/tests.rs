use proptest::prelude::*;

use super::*;
use crate::binance::WireErrorKind;

const SCALES: Scales = Scales { price: 2, quantity: 5 };

const SPOT_DEPTH: &str = r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[["61737.63000000","0.00000000"],["956.58000000","12.50000000"]],"a":[["61837.64000000","1.54698000"]]}}"#;
const USD_M_DEPTH: &str = r#"{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"]],"a":[]}}"#;
const SPOT_TICKER: &str = r#"{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}"#;
const USD_M_TICKER: &str = r#"{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256314}}"#;
const SPOT_TRADE: &str = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}"#;
const USD_M_TRADE: &str = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}"#;
const PARTIAL: &str = r#"{"stream":"btcusdt@depth5@100ms","data":{"lastUpdateId":160,"bids":[["0.02000000","100.00000000"]],"asks":[["0.03000000","7.00000000"]]}}"#;

const FRAMES: [&str; 7] = [SPOT_DEPTH, USD_M_DEPTH, SPOT_TICKER, USD_M_TICKER, SPOT_TRADE, USD_M_TRADE, PARTIAL];

/// The event of a combined frame, as a raw connection sends it.
fn raw(frame: &str) -> &str {
    let start = frame.find("\"data\":").map_or(0, |at| at + "\"data\":".len());
    &frame[start..frame.len() - 1]
}

/// Decodes and passes the message on, so that a test need not keep a scratch.
fn decoded<T>(frame: &[u8], check: impl FnOnce(Result<MarketMessage<'_>, WireError>) -> T) -> T {
    check(decode(frame, &mut LevelScratch::new(64), SCALES))
}

#[test]
fn a_spot_diff_is_decoded_raw_and_combined() {
    for frame in [SPOT_DEPTH, raw(SPOT_DEPTH)] {
        decoded(frame.as_bytes(), |message| {
            let Ok(MarketMessage::DepthDiff(diff)) = message else { panic!("{message:?}") };
            assert_eq!(diff.symbol, b"BTCUSDT");
            assert_eq!(diff.event_time, UtcNanos::from_millis(1_723_161_255_208));
            assert_eq!((diff.first, diff.last), (UpdateId(50_093_239_189), UpdateId(50_093_239_202)));
            assert_eq!((diff.previous, diff.transaction_time), (None, None));
            assert_eq!(diff.bids, [Level::new(6_173_763, 0), Level::new(95_658, 1_250_000)]);
            assert_eq!(diff.asks, [Level::new(6_183_764, 154_698)]);
        });
    }
}

#[test]
fn a_usd_m_diff_names_the_update_before_it() {
    decoded(USD_M_DEPTH.as_bytes(), |message| {
        let Ok(MarketMessage::DepthDiff(diff)) = message else { panic!("{message:?}") };
        assert_eq!(diff.previous, Some(UpdateId(5_123_107_831_937)));
        assert_eq!(diff.transaction_time, Some(UtcNanos::from_millis(1_723_161_256_298)));
        assert_eq!(diff.bids, [Level::new(5_871_020, 1_400), Level::new(6_149_650, 1_000)]);
        assert!(diff.asks.is_empty());
    });
}

#[test]
fn the_seller_is_the_aggressor_when_the_buyer_is_the_maker() {
    for (frame, aggressor) in [(SPOT_TRADE, Side::Sell), (USD_M_TRADE, Side::Buy)] {
        decoded(frame.as_bytes(), |message| {
            let Ok(MarketMessage::Trade(trade)) = message else { panic!("{message:?}") };
            assert_eq!(trade.aggressor, aggressor);
            assert_eq!(trade.event_time.millis() - trade.trade_time.millis(), 1);
        });
    }
}

#[test]
fn a_ticker_has_a_time_on_usd_m_only() {
    for (frame, time) in [(SPOT_TICKER, None), (USD_M_TICKER, Some(UtcNanos::from_millis(1_723_161_256_314)))] {
        decoded(frame.as_bytes(), |message| {
            let Ok(MarketMessage::BookTicker(ticker)) = message else { panic!("{message:?}") };
            assert_eq!(ticker.event_time, time);
            assert!(ticker.bid.price < ticker.ask.price && ticker.bid.quantity > Quantity::ZERO);
        });
    }
}

#[test]
fn a_partial_book_takes_its_symbol_from_the_stream() {
    decoded(PARTIAL.as_bytes(), |message| {
        let Ok(MarketMessage::PartialDepth(partial)) = message else { panic!("{message:?}") };
        assert_eq!((partial.symbol, partial.last), (b"btcusdt".as_slice(), UpdateId(160)));
        assert_eq!(partial.bids, [Level::new(2, 10_000_000)]);
    });
    let usd_m = USD_M_DEPTH.replace("@depth@0ms", "@depth20@100ms");
    decoded(usd_m.as_bytes(), |message| assert!(matches!(message, Ok(MarketMessage::PartialDepth(_)))));
}

#[test]
fn the_symbol_can_be_had_before_decoding() {
    for frame in FRAMES {
        assert_eq!(peek_symbol(frame.as_bytes()), Some(b"btcusdt".as_slice()));
    }
    assert_eq!(peek_symbol(raw(SPOT_TICKER).as_bytes()), Some(b"BTCUSDT".as_slice()));
    assert_eq!(peek_symbol(SPOT_TICKER.replace("btcusdt@", "!").as_bytes()), Some(b"BTCUSDT".as_slice()));
    assert_eq!(peek_symbol(raw(PARTIAL).as_bytes()), None);
    assert_eq!(peek_symbol(b"{"), None);
}

#[test]
fn replies_and_refusals_are_told_apart() {
    let refusal = |code, message| Some(Refusal { code, message });
    for (frame, id, expected) in [
        (r#"{"result":null,"id":7}"#, Some(7), None),
        (r#"{"result":["btcusdt@trade"],"id":"a"}"#, None, None),
        (r#"{"code":2,"msg":"Invalid request"}"#, None, refusal(2, b"Invalid request".as_slice())),
        (r#"{"error":{"code":3,"msg":"no"},"id":1}"#, Some(1), refusal(3, b"no".as_slice())),
    ] {
        decoded(frame.as_bytes(), |message| {
            assert_eq!(message, Ok(MarketMessage::Reply(Reply { id, refusal: expected })), "{frame}");
        });
    }
}

#[test]
fn a_notice_of_shutdown_is_known_in_all_its_forms() {
    for frame in [
        r#"{"e":"serverShutdown","E":1770123456789}"#,
        r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#,
        r#"{"event":{"e":"serverShutdown","E":1770123456789}}"#,
    ] {
        decoded(frame.as_bytes(), |message| assert_eq!(message, Ok(MarketMessage::ServerShutdown)));
    }
}

#[test]
fn what_is_not_known_is_other_and_not_an_error() {
    let kline = r#"{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"b":true},"u":"x"}"#;
    for frame in [kline, "{}", r#"{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1,"s":"B"}}"#] {
        decoded(frame.as_bytes(), |message| assert_eq!(message, Ok(MarketMessage::Other)));
    }
}

#[test]
fn a_price_finer_than_the_tick_is_an_error_at_its_first_byte() {
    for digits in ["61737.63100000", "61737.63000001"] {
        let frame = SPOT_DEPTH.replace("61737.63000000", digits);
        let error = WireError::new(WireErrorKind::TooPrecise, frame.find(digits).unwrap_or_default());
        decoded(frame.as_bytes(), |message| assert_eq!(message, Err(error)));
    }
}

#[test]
fn more_levels_than_the_scratch_holds_are_an_error() {
    let mut scratch = LevelScratch::new(1);
    let error = decode(SPOT_DEPTH.as_bytes(), &mut scratch, SCALES).map_err(|error| error.kind);
    assert_eq!(error, Err(WireErrorKind::TooManyLevels));
}

#[test]
fn large_scales_and_long_numbers_are_read_by_the_careful_path() {
    let frame = SPOT_TICKER.replace("61837.63000000", "0.0000012345").replace("61837.64000000", "123456789.5");
    let mut scratch = LevelScratch::new(1);
    let message = decode(frame.as_bytes(), &mut scratch, Scales { price: 10, quantity: 5 });
    let Ok(MarketMessage::BookTicker(ticker)) = message else { panic!("{message:?}") };
    assert_eq!((ticker.bid.price, ticker.ask.price), (Price(12_345), Price(1_234_567_895_000_000_000)));
}

#[test]
fn a_frame_cut_at_any_byte_is_truncated_and_says_where() {
    for frame in FRAMES.into_iter().chain(FRAMES.map(raw)) {
        for length in 0..frame.len() {
            decoded(&frame.as_bytes()[..length], |message| {
                let Err(error) = message else { panic!("{} was accepted", &frame[..length]) };
                assert_eq!((error.kind, error.offset), (WireErrorKind::Truncated, length), "{}", &frame[..length]);
            });
        }
    }
}

/// The same JSON with the fields of every object in the opposite order and a field that nobody knows.
fn turned_around(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!(" {key:?} :\t{}", turned_around(value)));
            let mut fields: Vec<String> = fields.collect();
            fields.push(r#""new":{"a":[1,-2.5e3,null,"\u00e9\"",{}]}"#.to_owned());
            fields.reverse();
            format!("{{{}\n}}", fields.join(","))
        }
        serde_json::Value::Array(elements) => {
            format!("[{}]", elements.iter().map(turned_around).collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_fields_unknown_fields_and_whitespace_do_not_matter() {
    for frame in FRAMES.into_iter().chain(FRAMES.map(raw)) {
        let value: serde_json::Value = serde_json::from_str(frame).unwrap();
        let turned = turned_around(&value);
        decoded(frame.as_bytes(), |message| {
            assert!(message.is_ok());
            decoded(turned.as_bytes(), |other| assert_eq!(message, other, "{turned}"));
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        decoded(&bytes, |_| ());
        let _ = peek_symbol(&bytes);
    }

    #[test]
    fn a_damaged_frame_is_an_error_or_what_a_general_parser_reads(
        frame in 0..FRAMES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut bytes = FRAMES[frame].as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut {
            bytes.remove(at);
        } else {
            bytes[at] = byte;
        }
        let _ = peek_symbol(&bytes);
        decoded(&bytes, |message| {
            if let (Ok(message), Ok(value)) = (message, serde_json::from_slice(&bytes)) {
                oracle::assert_same(&message, &value, SCALES);
            }
        });
    }
}
