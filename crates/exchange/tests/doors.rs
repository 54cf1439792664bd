//! The front doors as clients find them.

mod client;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use client::{Client, call, next, now_ms, quiet};
use tercel_exchange::{ExchangeConfig, StartError, start};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest as _;

const LIMIT: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=60000&quantity=0.01";

#[test]
fn a_signed_order_is_placed_queried_and_cancelled_over_rest() {
    let client = quiet();
    let placed = client.signed("POST", "/api/v3/order", LIMIT);
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert_eq!((&placed.body["status"], &placed.body["price"]), (&"NEW".into(), &"60000.00000000".into()));
    assert!(placed.head.contains("x-mbx-order-count-10s: 1"), "{}", placed.head);
    assert!(placed.head.contains("x-mbx-used-weight-1m: 0"), "{}", placed.head);
    let id = &placed.body["orderId"];
    let queried = client.signed("GET", "/api/v3/order", &format!("symbol=BTCUSDT&orderId={id}"));
    assert_eq!(queried.body["isWorking"], true);
    let canceled = client.signed("DELETE", "/api/v3/order", &format!("symbol=BTCUSDT&orderId={id}"));
    assert_eq!(
        (&canceled.body["status"], &canceled.body["origClientOrderId"]),
        (&"CANCELED".into(), &placed.body["clientOrderId"])
    );
    let again = client.signed("DELETE", "/api/v3/order", &format!("symbol=BTCUSDT&orderId={id}"));
    assert_eq!((again.status, &again.body["code"]), (400, &(-2011).into()));
}

#[test]
fn parameters_may_come_in_a_form_body_and_the_signature_covers_query_and_body() {
    let client = quiet();
    let body = format!("{LIMIT}&timestamp={}", now_ms());
    let signature = client.hmac(&format!("recvWindow=5000{body}"));
    let headers = format!("{}Content-Type: application/x-www-form-urlencoded\r\n", client.key_header());
    let answer =
        client.raw("POST", "/api/v3/order?recvWindow=5000", &headers, &format!("{body}&signature={signature}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn an_ed25519_signature_is_taken_literally_and_percent_encoded() {
    let client = quiet();
    for encode in [false, true] {
        let query = format!("timestamp={}", now_ms());
        let mut signature = client.ed25519(&query);
        if encode {
            signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        }
        let answer =
            client.raw("GET", &format!("/api/v3/account?{query}&signature={signature}"), &client.key_header(), "");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[test]
fn what_is_wrong_with_a_request_is_answered_as_the_venue_does() {
    let client = quiet();
    let stamp = now_ms();
    let cases = [
        ("", "/api/v3/account?timestamp=1&signature=00", 401, -2014),
        ("X-MBX-APIKEY: nobody\r\n", "/api/v3/account?timestamp=1&signature=00", 401, -2015),
        (&client.key_header(), "/api/v3/account?timestamp=1", 400, -1102),
        (&client.key_header(), "/api/v3/account?timestamp=1&signature=00", 400, -1021),
        (&client.key_header(), &format!("/api/v3/account?timestamp={stamp}&signature=00"), 400, -1022),
        ("", "/api/v3/depth?symbol=NOPE", 400, -1121),
        ("", "/api/v3/depth", 400, -1102),
        ("", "/api/v3/nothing", 404, -1000),
    ];
    for (headers, target, status, code) in cases {
        let answer = client.raw("GET", target, headers, "");
        assert_eq!((answer.status, &answer.body["code"]), (status, &code.into()), "{target}: {}", answer.body);
    }
    let secret = &client.exchange.api_secret;
    let answer = client.raw("GET", &format!("/api/v3/account?x={secret}"), "", "");
    assert!(!answer.body.to_string().contains(secret.as_str()));
}

#[test]
fn what_ccxt_asks_beyond_spot_is_answered_and_listen_keys_are_gone() {
    let client = quiet();
    for path in ["/sapi/v1/margin/allPairs", "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/capital/config/getall"] {
        assert_eq!(client.get(path).body, serde_json::json!([]));
    }
    assert_eq!(client.get("/fapi/v1/exchangeInfo").body["symbols"], serde_json::json!([]));
    assert_eq!(client.raw("POST", "/api/v3/userDataStream", "", "").status, 410);
    // An old client declares JSON and sends nothing.
    assert_eq!(client.raw("GET", "/api/v3/ping", "Content-Type: application/json\r\n", "").status, 200);
}

#[test]
fn a_port_in_use_is_said_so() {
    let client = quiet();
    let port = client.exchange.rest_url.rsplit(':').next().unwrap().parse().unwrap();
    let Err(error) = start(&ExchangeConfig { port, ..ExchangeConfig::default() }) else { panic!("it started") };
    assert!(matches!(error, StartError::PortInUse { port: used } if used == port), "{error}");
}

#[test]
fn every_way_to_a_market_stream_is_accepted() {
    let client = quiet();
    for path in ["/ws", "/ws/0", "/ws/btcusdt@trade", "/stream", "/stream?streams=", "/stream/ws", "/stream/ws/0"] {
        let mut socket = client.open(path);
        let reply = call(&mut socket, r#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":"a1"}"#);
        assert_eq!(reply, serde_json::json!({"result": null, "id": "a1"}), "{path}");
        let listed = call(&mut socket, r#"{"method":"LIST_SUBSCRIPTIONS","id":2}"#);
        assert!(listed["result"].as_array().unwrap().contains(&"btcusdt@depth@100ms".into()), "{path}: {listed}");
        let wrong = call(&mut socket, "{nonsense");
        assert_eq!(wrong["code"], 3);
    }
}

#[test]
fn streams_are_wrapped_at_stream_and_raw_at_ws() {
    let client = quiet();
    let mut wrapped = client.open("/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker");
    let mut raw = client.open("/stream/ws/btcusdt@depth@100ms");
    // A reply proves that the subscriptions before it are in force.
    call(&mut wrapped, r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#);
    call(&mut raw, r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#);
    client.signed("POST", "/api/v3/order", LIMIT);
    client.signed("POST", "/api/v3/order", &LIMIT.replace("BUY", "SELL").replace("price=60000", "price=60001"));
    let ticker = next(&mut wrapped);
    assert_eq!(ticker["stream"], "btcusdt@bookTicker");
    let diff = next(&mut wrapped);
    assert_eq!((&diff["stream"], &diff["data"]["e"]), (&"btcusdt@depth@100ms".into(), &"depthUpdate".into()));
    assert_eq!(next(&mut raw)["u"], diff["data"]["u"]);
    let book = client.get("/api/v3/depth?symbol=BTCUSDT").body;
    assert!(book["lastUpdateId"].as_u64() >= diff["data"]["u"].as_u64());
    assert_eq!(book["bids"], serde_json::json!([["60000.00000000", "0.01000000"]]));
}

#[test]
fn a_logged_on_connection_orders_without_signatures_and_hears_of_its_orders() {
    let client = quiet();
    let mut socket = client.logged_on();
    let subscribed = call(&mut socket, r#"{"id":1,"method":"userDataStream.subscribe"}"#);
    assert_eq!(subscribed["result"]["subscriptionId"], 0);
    let stamp = now_ms();
    let order = format!(
        r#"{{"id":7,"method":"order.place","params":{{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","price":61000.5,"quantity":"0.01","timestamp":{stamp}}}}}"#
    );
    let mut messages = vec![call(&mut socket, &order)];
    messages.extend([next(&mut socket), next(&mut socket)]);
    let reply = messages.iter().find(|message| message["id"] == 7).unwrap();
    assert_eq!((&reply["status"], &reply["result"]["price"]), (&200.into(), &"61000.50000000".into()));
    assert!(reply["rateLimits"].is_array());
    let report = messages.iter().find(|message| message["event"]["e"] == "executionReport").unwrap();
    assert_eq!((&report["event"]["x"], &report["event"]["i"]), (&"NEW".into(), &reply["result"]["orderId"]));
    let position = messages.iter().find(|message| message["event"]["e"] == "outboundAccountPosition").unwrap();
    assert_eq!(position["event"]["B"][0]["l"], "0.01000000");
    assert_eq!(call(&mut socket, r#"{"id":null,"method":"v3/ping"}"#)["id"], serde_json::Value::Null);
    assert_eq!(call(&mut socket, r#"{"id":2,"method":"nothing"}"#)["status"], 400);
}

#[test]
fn an_hmac_client_signs_each_request_and_subscribes_by_signature() {
    let client = quiet();
    let mut socket = client.open("/ws-api/v3?returnRateLimits=false");
    let payload = format!("apiKey={}&timestamp={}", client.exchange.api_key, now_ms());
    let stamp = payload.rsplit('=').next().unwrap();
    let params = format!(
        r#"{{"apiKey":"{}","timestamp":{stamp},"signature":"{}"}}"#,
        client.exchange.api_key,
        client.hmac(&payload)
    );
    let account = call(&mut socket, &format!(r#"{{"id":"x","method":"account.status","params":{params}}}"#));
    assert_eq!((&account["status"], &account["id"]), (&200.into(), &"x".into()), "{account}");
    assert!(account.get("rateLimits").is_none());
    let subscribe = format!(r#"{{"id":"s","method":"userDataStream.subscribe.signature","params":{params}}}"#);
    assert_eq!(call(&mut socket, &subscribe)["status"], 200);
    assert_eq!(call(&mut socket, &subscribe)["error"]["code"], -2035);
    let logon = call(&mut socket, &format!(r#"{{"id":"l","method":"session.logon","params":{params}}}"#));
    assert_eq!(logon["error"]["code"], -4056);
    let unsigned = call(&mut socket, r#"{"id":"u","method":"account.status","params":{"timestamp":1}}"#);
    assert_eq!(unsigned["error"]["code"], -1102);
}

#[test]
fn a_replace_that_half_fails_says_so() {
    let client = quiet();
    let order = format!("{LIMIT}&cancelOrderId=99&cancelReplaceMode=");
    let stopped = client.signed("POST", "/api/v3/order/cancelReplace", &format!("{order}STOP_ON_FAILURE"));
    assert_eq!((stopped.status, &stopped.body["code"]), (400, &(-2022).into()));
    assert_eq!(stopped.body["data"]["newOrderResult"], "NOT_ATTEMPTED");
    let partly = client.signed("POST", "/api/v3/order/cancelReplace", &format!("{order}ALLOW_FAILURE"));
    assert_eq!((partly.status, &partly.body["code"]), (409, &(-2021).into()));
    assert_eq!(partly.body["data"]["newOrderResponse"]["status"], "NEW");
    let id = &partly.body["data"]["newOrderResponse"]["orderId"];
    let both = format!("{LIMIT}&cancelOrderId={id}&cancelReplaceMode=STOP_ON_FAILURE");
    let replaced = client.signed("POST", "/api/v3/order/cancelReplace", &both);
    assert_eq!((replaced.status, &replaced.body["cancelResult"]), (200, &"SUCCESS".into()), "{}", replaced.body);
}

#[test]
fn request_weight_beyond_the_limit_is_refused_with_a_time_to_wait() {
    let config = ExchangeConfig { request_weight_per_minute: 30, flow_rate: 0.0, ..ExchangeConfig::default() };
    let client = Client::start(&config);
    assert_eq!(client.get("/api/v3/exchangeInfo").status, 200);
    let refused = client.get("/api/v3/exchangeInfo");
    assert_eq!((refused.status, &refused.body["code"]), (429, &(-1003).into()));
    assert!(refused.head.contains("retry-after:"), "{}", refused.head);
}

#[test]
fn an_exchange_that_was_stopped_lets_go_of_its_port() {
    let mut client = quiet();
    let port = client.exchange.rest_url.rsplit(':').next().unwrap().parse().unwrap();
    client.exchange.stop();
    assert!(start(&ExchangeConfig { port, ..ExchangeConfig::default() }).is_ok());
}

#[test]
fn an_offer_to_compress_is_declined_and_a_ping_is_answered_with_its_payload() {
    let client = quiet();
    let address = client.exchange.rest_url.trim_start_matches("http://");
    let mut request = format!("ws://{address}/ws/btcusdt@trade").into_client_request().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-extensions", "permessage-deflate; client_max_window_bits".parse().unwrap());
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (mut socket, response) = tungstenite::client(request, stream).unwrap();
    assert!(!response.headers().contains_key("sec-websocket-extensions"));
    socket.send(Message::Ping("abc".into())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Pong("abc".into()));
}

#[test]
fn a_subscriber_that_reads_nothing_is_dropped_and_nobody_else_waits_for_it() {
    let client = Client::start(&ExchangeConfig { flow_rate: 1_000.0, ..ExchangeConfig::default() });
    let _stalled = client.open("/ws/btcusdt@bookTicker/btcusdt@trade/btcusdt@depth@100ms");
    let deadline = Instant::now() + Duration::from_secs(60);
    while client.exchange.status().slow_consumers == 0 {
        assert!(Instant::now() < deadline, "{:?}", client.exchange.status());
        assert_eq!(client.get("/api/v3/ping").status, 200);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.signed("POST", "/api/v3/order", LIMIT).status, 200);
}
