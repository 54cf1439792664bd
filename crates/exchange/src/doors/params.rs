//! A request's parameters as text, whichever door they came through.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::auth::{Plus, percent_decode};
use crate::core::Refusal;

/// Names and values. A name has one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

/// The signature and what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that were signed.
    pub payload: Vec<u8>,
    /// The signature as it stood there.
    pub signature: Option<String>,
}

impl Params {
    /// Of a query string and a form body; the query wins.
    #[must_use]
    pub fn from_forms(query: &str, body: &str) -> Self {
        let mut params = BTreeMap::new();
        for pair in body.split('&').chain(query.split('&')).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.insert(percent_decode(name, Plus::Space), percent_decode(value, Plus::Space));
        }
        Self(params)
    }

    /// Of a WebSocket API request. A number counts as the text it was sent as.
    ///
    /// # Errors
    /// -1100 if a value is neither text, number nor truth value.
    pub fn from_json(values: &BTreeMap<String, Box<RawValue>>) -> Result<Self, Refusal> {
        let mut params = BTreeMap::new();
        for (name, raw) in values {
            let text = match serde_json::from_str(raw.get()) {
                Ok(Value::String(text)) => text,
                Ok(Value::Number(_) | Value::Bool(_)) => raw.get().to_owned(),
                Ok(Value::Null) => continue,
                Ok(Value::Array(_)) => raw.get().to_owned(),
                _ => return Err(Refusal::invalid_value(name)),
            };
            params.insert(name.clone(), text);
        }
        Ok(Self(params))
    }

    /// The value of a parameter that was sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// -1102 if it was not sent, -1105 if it is empty.
    pub fn require(&self, name: &str) -> Result<&str, Refusal> {
        match self.get(name) {
            None => Err(Refusal::missing(name)),
            Some("") => Err(Refusal::empty(name)),
            Some(value) => Ok(value),
        }
    }

    /// The payload of the WebSocket API's signatures: everything but the signature, sorted by name.
    #[must_use]
    pub fn sorted_payload(&self) -> Signed {
        let pairs = self.0.iter().filter(|(name, _)| *name != "signature");
        let texts: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        Signed { payload: texts.join("&").into_bytes(), signature: self.get("signature").map(str::to_owned) }
    }
}

/// The payload of REST's signatures: the raw query, then the raw body, without the signature.
#[must_use]
pub fn raw_payload(query: &str, body: &str) -> Signed {
    let mut signature = None;
    let mut payload = String::with_capacity(query.len() + body.len());
    for part in [query, body] {
        let mut first = true;
        for pair in part.split('&') {
            if let Some(text) = pair.strip_prefix("signature=") {
                signature.get_or_insert_with(|| text.to_owned());
                continue;
            }
            if !first {
                payload.push('&');
            }
            first = false;
            payload.push_str(pair);
        }
    }
    Signed { payload: payload.into_bytes(), signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_cut_out_of_the_raw_text_wherever_it_stands() {
        let last = raw_payload("symbol=BTCUSDT&timestamp=1&signature=a%2Bb", "");
        assert_eq!(
            (last.payload.as_slice(), last.signature.as_deref()),
            (b"symbol=BTCUSDT&timestamp=1".as_slice(), Some("a%2Bb"))
        );
        let split = raw_payload("symbol=BTCUSDT", "price=1&signature=ff");
        assert_eq!(split.payload, b"symbol=BTCUSDTprice=1");
    }

    #[test]
    fn the_query_wins_over_the_body() {
        let params = Params::from_forms("side=BUY", "side=SELL&price=1%2E5");
        assert_eq!((params.get("side"), params.get("price")), (Some("BUY"), Some("1.5")));
    }

    #[test]
    fn a_number_counts_as_the_text_it_was_sent_as() {
        let values =
            serde_json::from_str(r#"{"price":0.10,"symbol":"BTCUSDT","timestamp":1,"signature":"x"}"#).unwrap();
        let params = Params::from_json(&values).unwrap();
        assert_eq!(params.sorted_payload().payload, b"price=0.10&symbol=BTCUSDT&timestamp=1");
    }
}
