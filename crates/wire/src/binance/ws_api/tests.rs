use proptest::prelude::*;
use serde_json::Value;
use tercel_types::{
    Instrument, InstrumentId, OrderKind, OrderStatus, Price, Quantity, Side, Symbol, TimeInForce, UtcNanos,
    VenueOrderId,
};

use super::*;
use crate::binance::sign::tests::{API_KEY, SECRET};
use crate::binance::stream::Refusal;
use crate::binance::{Credentials, Scales, Signer};

const SCALES: Scales = Scales { price: 2, quantity: 8 };
const NOW: UtcNanos = UtcNanos::from_millis(1_645_423_376_532);
const ORDER: PlaceOrder = PlaceOrder {
    client_order_id: ClientOrderId::new(3, 10),
    side: Side::Sell,
    kind: OrderKind::Limit,
    time_in_force: TimeInForce::Gtc,
    price: Price(5_200_000),
    quantity: Quantity(1_000_000),
};

fn encoder(response: ResponseKind) -> OrderEncoder {
    let instrument = Instrument {
        id: InstrumentId(0),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        base: Symbol::new("BTC").unwrap(),
        quote: Symbol::new("USDT").unwrap(),
        price_scale: SCALES.price,
        quantity_scale: SCALES.quantity,
        tick: Price(1),
        lot: Quantity(1_000),
        min_price: Price(1),
        max_price: Price(0),
        min_quantity: Quantity(1_000),
        max_quantity: Quantity(0),
        min_notional: 0,
        max_notional: 0,
    };
    OrderEncoder::new(&instrument, response)
}

fn hmac() -> Authority {
    Authority::Signed(Box::new(Credentials::new(API_KEY, Signer::hmac(SECRET).unwrap(), 100).unwrap()))
}

fn written(encode: impl FnOnce(&mut [u8]) -> Result<usize, EncodeError>) -> String {
    let mut out = [0; OrderEncoder::REQUEST_LENGTH_MAX];
    let length = encode(&mut out).unwrap();
    String::from_utf8(out[..length].to_vec()).unwrap()
}

/// Signs the parameters of a request the slow way: parsed, sorted, joined.
fn expected_signature(request: &str, signer: &Signer) -> String {
    let request: Value = serde_json::from_str(request).unwrap();
    let mut parameters: Vec<String> = request["params"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "signature")
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    parameters.sort();
    String::from_utf8(signer.sign(parameters.join("&").as_bytes()).as_bytes().to_vec()).unwrap()
}

#[test]
fn an_order_on_a_connection_that_logged_on_has_no_key_and_no_signature() {
    let text = written(|out| encoder(ResponseKind::Ack).place(&Authority::LoggedOn, &ORDER, NOW, out));
    assert_eq!(
        text,
        r#"{"id":"p000000030000000a","method":"order.place","params":{"newClientOrderId":"tc000000030000000a","newOrderRespType":"ACK","price":"52000.00","quantity":"0.01000000","side":"SELL","symbol":"BTCUSDT","timeInForce":"GTC","timestamp":1645423376532,"type":"LIMIT"}}"#
    );
}

#[test]
fn every_signed_request_carries_the_signature_over_its_sorted_parameters() {
    let (authority, encoder) = (hmac(), encoder(ResponseKind::Result));
    let id = ORDER.client_order_id;
    for text in [
        written(|out| encoder.place(&authority, &ORDER, NOW, out)),
        written(|out| encoder.cancel(&authority, id, NOW, out)),
        written(|out| encoder.status(&authority, id, NOW, out)),
        written(|out| encoder.cancel_replace(&authority, id, &ORDER, NOW, out)),
        written(|out| encode_subscribe(&authority, 1, NOW, out)),
    ] {
        let request: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(request["params"]["apiKey"], API_KEY);
        let expected = expected_signature(&text, &Signer::hmac(SECRET).unwrap());
        assert_eq!(request["params"]["signature"], expected, "{text}");
    }
}

#[test]
fn kinds_of_orders_have_the_parameters_that_they_may_have() {
    let place =
        |order: PlaceOrder| written(|out| encoder(ResponseKind::Ack).place(&Authority::LoggedOn, &order, NOW, out));
    let market = place(PlaceOrder { kind: OrderKind::Market, price: Price(0), side: Side::Buy, ..ORDER });
    assert!(market.contains(r#""type":"MARKET""#) && !market.contains("price") && !market.contains("timeInForce"));
    let maker = place(PlaceOrder { kind: OrderKind::PostOnly, ..ORDER });
    assert!(maker.contains(r#""type":"LIMIT_MAKER""#) && maker.contains("price") && !maker.contains("timeInForce"));
    let taker = place(PlaceOrder { time_in_force: TimeInForce::Fok, ..ORDER });
    assert!(taker.contains(r#""timeInForce":"FOK""#));
}

#[test]
fn a_session_begins_with_logon_and_subscription() {
    let document = ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, document.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----");
    let credentials = Credentials::new(API_KEY, Signer::ed25519(&pem).unwrap(), 5_000).unwrap();
    let text = written(|out| encode_logon(&credentials, 1, NOW, out));
    let request: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(request["params"]["signature"], expected_signature(&text, &Signer::ed25519(&pem).unwrap()));
    let text = written(|out| encode_subscribe(&Authority::LoggedOn, 2, NOW, out));
    assert_eq!(text, r#"{"id":"s0000000000000002","method":"userDataStream.subscribe","params":{}}"#);
    assert_eq!(written(|out| encode_ping(3, out)), r#"{"id":"g0000000000000003","method":"ping","params":{}}"#);
}

#[test]
fn a_request_that_does_not_fit_is_an_error() {
    let authority = hmac();
    for length in 0..400 {
        let error = encoder(ResponseKind::Ack).place(&authority, &ORDER, NOW, &mut vec![0; length]);
        assert!(matches!(error, Err(EncodeError::BufferTooSmall { needed }) if needed > length));
    }
    let order = PlaceOrder { quantity: Quantity(0), ..ORDER };
    let error = encoder(ResponseKind::Ack).place(&authority, &order, NOW, &mut [0; 1_024]);
    assert_eq!(error, Err(EncodeError::NotPositive));
}

fn scales_of(symbol: &[u8]) -> Option<Scales> {
    (symbol == b"BTCUSDT").then_some(SCALES)
}

fn reply(frame: &str) -> Reply<'_> {
    match decode(frame.as_bytes(), scales_of) {
        Ok(WsApiMessage::Reply(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

const PLACED: &str = r#"{"id":"p000000030000000a","status":200,"result":{"symbol":"BTCUSDT","orderId":12569099453,"orderListId":-1,"clientOrderId":"tc000000030000000a","transactTime":1660801715639,"price":"23416.10000000","origQty":"0.00847000","executedQty":"0.00100000","status":"PARTIALLY_FILLED"},"rateLimits":[{"rateLimitType":"ORDERS","count":1}]}"#;

#[test]
fn the_answer_to_an_order_says_which_order_and_what_became_of_it() {
    let reply = reply(PLACED);
    assert_eq!(reply.id, Some(RequestId { kind: RequestKind::Place, order: ORDER.client_order_id }));
    let ReplyOutcome::Order(order) = reply.outcome else { panic!("{reply:?}") };
    assert_eq!(order.order_id, VenueOrderId(12_569_099_453));
    let details = order.details.unwrap();
    assert_eq!((details.status, details.price), (OrderStatus::PartiallyFilled, Price(2_341_610)));
    assert_eq!((details.quantity, details.executed_quantity), (Quantity(847_000), Quantity(100_000)));
}

#[test]
fn a_refusal_is_not_an_unknown_outcome_and_the_other_way_round() {
    let frame = |status: u16, code: i64| {
        format!(
            r#"{{"id":"c0000000000000001","status":{status},"error":{{"code":{code},"msg":"Unknown order sent."}}}}"#
        )
    };
    for (status, code, unknown) in [(400, -2011, false), (504, -1000, true), (400, -1007, true), (429, -1015, false)] {
        let frame = frame(status, code);
        let reply = reply(&frame);
        assert_eq!(reply.outcome, ReplyOutcome::Refused(Refusal { code, message: b"Unknown order sent." }));
        assert_eq!(is_outcome_unknown(reply.status, code), unknown);
    }
}

#[test]
fn a_limit_says_when_to_come_back() {
    let reply = reply(
        r#"{"id":null,"status":418,"error":{"code":-1003,"msg":"banned","data":{"serverTime":1659142907531,"retryAfter":1659146400000}}}"#,
    );
    assert_eq!((reply.id, reply.status), (None, 418));
    assert_eq!(reply.retry_after, Some(UtcNanos::from_millis(1_659_146_400_000)));
}

#[test]
fn both_halves_of_a_replacement_are_told() {
    let done = reply(
        r#"{"id":"r0000000000000001","status":200,"result":{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS","cancelResponse":{"symbol":"BTCUSDT","origClientOrderId":"tc0000000000000001","orderId":1,"clientOrderId":"x","price":"1.00","origQty":"1.0","executedQty":"0.0","status":"CANCELED"},"newOrderResponse":{"symbol":"BTCUSDT","orderId":2,"clientOrderId":"y","transactTime":1660813156959}}}"#,
    );
    let ReplyOutcome::Replace(ReplaceAnswer { cancel: Step::Done(cancel), new_order: Step::Done(new) }) = done.outcome
    else {
        panic!("{done:?}")
    };
    assert_eq!(cancel.original_client_order_id, b"tc0000000000000001");
    assert_eq!((cancel.details.map(|details| details.status), new.details), (Some(OrderStatus::Canceled), None));

    let failed = reply(
        r#"{"id":"r0000000000000001","status":400,"error":{"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE","newOrderResult":"NOT_ATTEMPTED","cancelResponse":{"code":-2011,"msg":"Unknown order sent."},"newOrderResponse":null}}}"#,
    );
    let refusal = Refusal { code: -2011, message: b"Unknown order sent." };
    let expected = ReplaceAnswer { cancel: Step::Refused(refusal), new_order: Step::NotTried };
    assert_eq!(failed.outcome, ReplyOutcome::Replace(expected));
}

#[test]
fn logon_ping_and_subscription_are_answered() {
    for (frame, outcome) in [
        (r#"{"id":"l0000000000000001","status":200,"result":{"apiKey":"k","authorizedSince":1}}"#, ReplyOutcome::Done),
        (r#"{"id":"g0000000000000001","status":200,"result":{}}"#, ReplyOutcome::Done),
        (r#"{"id":"s0000000000000001","status":200,"result":{"subscriptionId":4}}"#, ReplyOutcome::Subscribed(4)),
    ] {
        assert_eq!(reply(frame).outcome, outcome);
    }
}

#[test]
fn an_answer_cut_at_any_byte_is_an_error() {
    for length in 0..PLACED.len() {
        assert!(decode(&PLACED.as_bytes()[..length], scales_of).is_err());
    }
}

proptest! {
    #[test]
    fn a_request_id_survives_the_wire(order in any::<u64>(), kind in prop::sample::select(b"pcrqlsg".to_vec())) {
        let mut text = RequestId { kind: RequestKind::Place, order: ClientOrderId(order) }.to_text();
        text[0] = kind;
        prop_assert_eq!(RequestId::from_text(&text).map(RequestId::to_text), Some(text));
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let _ = decode(&bytes, scales_of);
        let mut frame = PLACED.as_bytes().to_vec();
        let at = at.index(frame.len());
        frame[at] = bytes.first().copied().unwrap_or(0);
        let _ = decode(&frame, scales_of);
    }
}
