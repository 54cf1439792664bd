use proptest::prelude::*;

use super::*;
use crate::binance::ws_api::{WsApiMessage, decode};

const TRADE: &str = r#"{"subscriptionId":0,"event":{"e":"executionReport","E":1499405658658,"s":"BTCUSDT","c":"tc0000000100000002","S":"BUY","o":"LIMIT","f":"GTC","q":"1.00000000","p":"61837.63000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4293153,"l":"0.25000000","z":"0.50000000","L":"61837.62000000","n":"0.00025000","N":"BNB","T":1499405658657,"t":77,"I":8641984,"w":false,"m":true,"M":false,"O":1499405658657,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":1499405658657,"V":"NONE"}}"#;
const CANCELED: &str = r#"{"e":"executionReport","E":1499405658658,"s":"BTCUSDT","c":"web_1","S":"SELL","o":"LIMIT_MAKER","f":"GTC","q":"1.00000000","p":"61837.63000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"tc0000000100000002","x":"CANCELED","X":"CANCELED","r":"NONE","i":4293153,"l":"0.00000000","z":"0.00000000","L":"0.00000000","n":"0","N":null,"T":1499405658657,"t":-1,"I":8641984,"w":false,"m":false,"M":false,"O":1499405658657,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","V":"NONE"}"#;

fn scales_of(symbol: &[u8]) -> Option<Scales> {
    (symbol == b"BTCUSDT").then_some(Scales { price: 2, quantity: 5 })
}

fn event(frame: &str) -> UserEvent<'_> {
    match decode(frame.as_bytes(), scales_of) {
        Ok(WsApiMessage::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

fn report(frame: &str) -> ExecutionReport<'_> {
    match event(frame) {
        UserEvent::Execution(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fill_is_read_with_its_fee_and_its_trade() {
    let report = report(TRADE);
    assert_eq!((report.execution, report.status), (ExecutionKind::Trade, OrderStatus::PartiallyFilled));
    assert_eq!((report.last_price, report.last_quantity), (Price(6_183_762), Quantity(25_000)));
    assert_eq!((report.quantity, report.executed_quantity), (Quantity(100_000), Quantity(50_000)));
    assert_eq!((report.commission, report.commission_asset), (25_000, Some(b"BNB".as_slice())));
    assert_eq!((report.trade_id, report.is_maker, report.side), (Some(TradeId(77)), true, Side::Buy));
    assert_eq!(report.placed_as(), b"tc0000000100000002");
}

#[test]
fn a_cancel_names_the_order_that_it_cancelled() {
    let report = report(CANCELED);
    assert_eq!((report.execution, report.trade_id), (ExecutionKind::Canceled, None));
    assert_eq!((report.placed_as(), report.commission_asset), (b"tc0000000100000002".as_slice(), None));
    assert_eq!(report.kind, Some(OrderKind::PostOnly));
}

#[test]
fn both_paths_read_the_same_report() {
    for frame in [TRADE, CANCELED] {
        assert!(quick_execution(frame.as_bytes(), &mut scales_of).is_some(), "{frame}");
        let unusual = frame.replacen("{\"e\":\"executionReport\"", "{ \"new\":[{}],\"e\":\"executionReport\"", 1);
        assert_eq!(quick_execution(unusual.as_bytes(), &mut scales_of), None);
        assert_eq!(report(&unusual), report(frame));
    }
}

#[test]
fn a_report_of_an_instrument_without_scales_says_which() {
    assert_eq!(event(&TRADE.replace("BTCUSDT", "ETHUSDT")), UserEvent::UnknownSymbol(b"ETHUSDT"));
}

#[test]
fn balances_are_read_exactly() {
    let frame = r#"{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1564034571105,"u":1564034571073,"B":[{"a":"ETH","f":"10000.000001","l":"0.5"},{"a":"PEPE","f":"922337203685.00000001","l":"0"}]}}"#;
    let UserEvent::AccountPosition(position) = event(frame) else { panic!() };
    let mut seen = Vec::new();
    position.for_each(|balance| seen.push((balance.asset, balance.free, balance.locked))).unwrap();
    let expected: Vec<(&[u8], i128, i128)> =
        vec![(b"ETH", 1_000_000_000_100, 50_000_000), (b"PEPE", 92_233_720_368_500_000_001, 0)];
    assert_eq!(seen, expected);
}

#[test]
fn the_ends_of_a_stream_are_known() {
    let terminated = r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}}"#;
    assert_eq!(event(terminated), UserEvent::StreamTerminated);
    assert_eq!(event(r#"{"event":{"e":"serverShutdown","E":1770123456789}}"#), UserEvent::ServerShutdown);
    assert_eq!(event(r#"{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1,"s":3}}"#), UserEvent::Other);
}

#[test]
fn a_report_cut_at_any_byte_is_an_error() {
    for frame in [TRADE, CANCELED] {
        for length in 0..frame.len() {
            assert!(decode(&frame.as_bytes()[..length], scales_of).is_err());
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_report_never_panics_and_both_paths_agree(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = TRADE.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Some(quick) = quick_execution(&bytes, &mut scales_of) {
            let start = TRADE.find("{\"e\"").unwrap_or_default();
            prop_assert_eq!(careful_event(Cursor::new(&bytes, start), &mut scales_of), Ok(quick));
        }
        let _ = decode(&bytes, scales_of);
    }
}
