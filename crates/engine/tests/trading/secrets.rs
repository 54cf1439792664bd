//! Neither key nor secret is seen anywhere but in the requests that need them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use tercel_engine::connect::OpenRequest;
use tercel_engine::logon::open_order_connection;
use tercel_engine::notices::NoticeKind;
use tercel_engine::{ApiKey, Engine};
use tercel_net::{Endpoint, SocketOptions};
use tercel_session::SessionOptions;
use tercel_types::{OrderStatus, Side};

use crate::support::{API_KEY, PATIENCE, Rig, SECRET, config, limit, refusal};

/// A fresh Ed25519 key as PEM, and a piece of it that nothing may show.
fn ed25519() -> (String, String) {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let encoded = STANDARD.encode(document.as_ref());
    (format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----"), encoded[24..56].to_owned())
}

fn assert_clean(text: &str, secret: &str) {
    assert!(!text.contains(secret) && !text.contains(API_KEY), "a secret is shown: {text}");
}

#[test]
fn nothing_that_can_be_printed_shows_a_key() {
    let (pem, piece) = ed25519();
    let configuration = config();
    assert_clean(&format!("{configuration:?}"), SECRET);
    let key = ApiKey::ed25519(API_KEY.to_owned(), pem, 5_000);
    assert_clean(&format!("{key:?} {:?}", key.credentials().unwrap()), &piece);
}

#[test]
fn orders_of_an_hmac_key_are_signed_and_never_carry_the_secret() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place(&limit(Side::Buy, 5_999_000, 100));
    assert_eq!(placed.text("apiKey"), API_KEY);
    assert_eq!(placed.text("signature").len(), 64);
    assert!(!format!("{placed:?}").contains(SECRET));
    rig.orders.send(&refusal(&placed, 401, -2015, "Invalid API-key, IP, or permissions for action."));
    rig.expect_status(handle, OrderStatus::Rejected);
    rig.orders.send("not a message");
    rig.expect_notice(NoticeKind::Malformed);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    let texts = rig.texts().join("\n");
    assert_clean(&texts, SECRET);
    let summary = rig.summary();
    assert_clean(&format!("{:?} {summary:?}", rig.engine.shared()), SECRET);
}

#[test]
fn a_connection_that_logged_on_sends_orders_without_key_and_signature() {
    let (pem, _) = ed25519();
    let mut rig = Rig::trading_with(|config| config.key = ApiKey::ed25519(API_KEY.to_owned(), pem, 5_000));
    let (_, placed) = rig.place(&limit(Side::Buy, 5_999_000, 100));
    assert!(!placed.has("apiKey") && !placed.has("signature"));
}

#[test]
fn a_refused_logon_says_what_to_do_and_shows_no_key() {
    let (listener, address) = crate::support::listen();
    let endpoint = Endpoint::parse(&format!("tcp://{address}")).unwrap();
    let key = config().key;
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut venue = crate::support::Line::accept(&listener);
            let request = venue.expect("userDataStream.subscribe.signature");
            venue.send(&refusal(&request, 400, -1022, "Signature for this request is not valid."));
        });
        let (socket, session) = (SocketOptions::default(), SessionOptions::default());
        let deadline = std::time::Instant::now() + PATIENCE;
        let request = OpenRequest { endpoint: &endpoint, socket: &socket, session: &session, headers: &[], deadline };
        open_order_connection(&request, &key, || tercel_types::UtcNanos(0)).unwrap_err()
    });
    let text = format!("{error} {error:?}");
    assert!(text.contains("the secret does not belong to the API key"), "{text}");
    assert_clean(&text, SECRET);
}

#[test]
fn a_key_that_is_none_is_refused_without_being_shown() {
    let mut configuration = config();
    let damaged = format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----");
    configuration.key = ApiKey::ed25519(API_KEY.to_owned(), damaged, 5_000);
    let key = Arc::new(configuration.key.clone());
    let made = Engine::new(configuration).map(|_| ());
    let text = format!("{made:?} {:?}", key.credentials().map(|_| ()).unwrap_err());
    assert_clean(&text, SECRET);
}
