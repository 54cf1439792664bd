use std::io::Read;

use tercel_types::{OrderStatus, Price, Quantity, Side};

use super::*;
use crate::binance::Scales;
use crate::binance::stream::oracle::recorded;

const SCALES: Scales = Scales { price: 2, quantity: 8 };
const ORDER: &str = r#"{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"tc0000000100000001","price":"61837.63000000","origQty":"1.00000000","executedQty":"0.25000000","cummulativeQuoteQty":"0.0","status":"PARTIALLY_FILLED","timeInForce":"GTC","type":"LIMIT_MAKER","side":"SELL","stopPrice":"0.0","icebergQty":"0.0","time":1499827319559,"updateTime":1499827319560,"isWorking":true,"origQuoteOrderQty":"0.000000"}"#;

const SYMBOL: &str = r#"{"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","baseAssetPrecision":8,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000","avgPriceMins":5}]}]}"#;

#[test]
fn an_instrument_has_the_ticks_decimals_for_prices_and_the_assets_for_quantities() {
    let instruments = parse_exchange_info(SYMBOL.as_bytes(), &["BTCUSDT"]).unwrap();
    let btc = instruments[0];
    assert_eq!((btc.price_scale, btc.quantity_scale), (2, 8));
    assert_eq!((btc.tick, btc.lot), (Price(1), Quantity(1_000)));
    assert_eq!((btc.max_price, btc.max_quantity), (Price(100_000_000), Quantity(900_000_000_000)));
    assert_eq!((btc.min_notional, btc.max_notional), (50_000_000_000, 90_000_000_000_000_000));
}

#[test]
fn an_asset_counted_in_billions_keeps_room_for_its_levels() {
    let body = SYMBOL.replace("9000.00000000", "46116860414.00").replace("0.00001000", "1.00");
    let instruments = parse_exchange_info(body.as_bytes(), &[]).unwrap();
    assert_eq!((instruments[0].quantity_scale, instruments[0].lot), (5, Quantity(100_000)));
}

#[test]
fn what_is_wrong_with_an_instrument_is_named_with_its_field() {
    let error = |body: String, wanted: &[&str]| parse_exchange_info(body.as_bytes(), wanted).unwrap_err().to_string();
    assert_eq!(
        error(SYMBOL.replace("1000000.00000000", "1e6"), &[]),
        "BTCUSDT: maxPrice is \"1e6\": not a decimal number"
    );
    let missing = error(SYMBOL.replace("LOT_SIZE", "LOST_SIZE"), &[]);
    assert_eq!(missing, "BTCUSDT: the venue gives no LOT_SIZE filter");
    assert!(error(SYMBOL.to_owned(), &["BTCUSD"]).starts_with("BTCUSD: the venue has no such instrument"));
    assert!(error("{}".to_owned(), &[]).starts_with("exchangeInfo: missing field `symbols`"));
}

#[test]
fn every_recorded_instrument_parses() {
    let Some(file) = recorded("spot_exchange_info_20211012.txt.gz") else { return };
    let mut text = String::new();
    flate2::bufread::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let (_, body) = text.lines().next().and_then(|line| line.split_once(": ")).unwrap();
    let instruments = parse_exchange_info(body.as_bytes(), &[]).unwrap();
    assert_eq!(instruments.len(), body.matches("\"baseAsset\":").count());
    for instrument in &instruments {
        instrument.validate().unwrap();
        assert!(instrument.min_notional > 0 && instrument.max_price > instrument.min_price, "{instrument:?}");
        assert_eq!(instrument.min_price.0 % instrument.tick.0, 0, "{instrument:?}");
    }
}

#[test]
fn orders_are_read_and_those_of_other_instruments_left_out() {
    let order = parse_order(ORDER.as_bytes(), SCALES).unwrap();
    assert_eq!((order.status, order.side), (OrderStatus::PartiallyFilled, Side::Sell));
    assert_eq!((order.price, order.executed_quantity), (Price(6_183_763), Quantity(25_000_000)));
    let body = format!("[{ORDER},{}]", ORDER.replace("BTCUSDT", "ETHUSDT"));
    let orders = parse_open_orders(body.as_bytes(), |symbol| (symbol == "BTCUSDT").then_some(SCALES)).unwrap();
    assert_eq!(orders, [order]);
}

#[test]
fn fills_and_balances_are_exact() {
    let trades = br#"[{"symbol":"BTCUSDT","id":28457,"orderId":100234,"orderListId":-1,"price":"4.00","qty":"12.00000001","quoteQty":"48.0","commission":"10.10000001","commissionAsset":"BNB","time":1499865549590,"isBuyer":true,"isMaker":false,"isBestMatch":true}]"#;
    let trades = parse_my_trades(trades, SCALES).unwrap();
    assert_eq!((trades[0].quantity, trades[0].commission), (Quantity(1_200_000_001), 1_010_000_001));
    let account = br#"{"makerCommission":15,"balances":[{"asset":"BTC","free":"1.5","locked":"0.00000001"},{"asset":"LTC","free":"0","locked":"0.0"}]}"#;
    let balances = parse_account(account).unwrap();
    assert_eq!(balances.len(), 1);
    assert_eq!((balances[0].free, balances[0].locked), (150_000_000, 1));
}

#[test]
fn times_and_refusals_are_read() {
    let time = parse_server_time(br#"{"serverTime":1499827319559}"#);
    assert_eq!(time, Ok(UtcNanos::from_millis(1_499_827_319_559)));
    let refusal = parse_error(br#"{"code":-1121,"msg":"Invalid symbol."}"#);
    assert_eq!(refusal, Some(RestRefusal { code: -1121, message: "Invalid symbol.".to_owned() }));
    assert_eq!(parse_error(b"<html>"), None);
}
