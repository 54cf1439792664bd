//! Keys, signatures and the window in which a request is valid.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::core::Refusal;

/// How far ahead of the server a timestamp may be.
const AHEAD_US_MAX: i64 = 1_000_000;

/// The receive window if the client gives none.
const DEFAULT_WINDOW_US: i64 = 5_000_000;

/// The largest receive window.
const WINDOW_US_MAX: i64 = 60_000_000;

/// A timestamp above this is in microseconds: in milliseconds it would lie in the year 5138.
const MILLISECONDS_MAX: i64 = 100_000_000_000_000;

/// The 16 bytes that stand before an Ed25519 seed in PKCS#8 version 1 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The one client's keys, made when the exchange starts. Both kinds of signature go with the same API key.
pub struct Keys {
    api_key: String,
    api_secret: String,
    hmac: hmac::Key,
    private_key_pem: String,
    public_key: Vec<u8>,
}

/// Which kind of signature was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// Hexadecimal HMAC-SHA256.
    Hmac,
    /// Base64 Ed25519.
    Ed25519,
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes for the API keys")]
pub struct NoRandomness;

impl Keys {
    /// New keys from the operating system's randomness.
    ///
    /// # Errors
    /// [`NoRandomness`] if it has none.
    pub fn generate() -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let mut seed = [0; 32];
        random.fill(&mut seed).map_err(|_| NoRandomness)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoRandomness)?;
        let api_secret = random_text(&random)?;
        Ok(Self {
            api_key: random_text(&random)?,
            hmac: hmac::Key::new(hmac::HMAC_SHA256, api_secret.as_bytes()),
            api_secret,
            private_key_pem: pem(&seed),
            public_key: pair.public_key().as_ref().to_vec(),
        })
    }

    /// The API key.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The secret for HMAC signatures.
    #[must_use]
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// The private key for Ed25519 signatures, PKCS#8 in PEM.
    #[must_use]
    pub fn private_key_pem(&self) -> &str {
        &self.private_key_pem
    }

    /// Checks the key a client sent.
    ///
    /// # Errors
    /// -2014 if it sent none or one that cannot be a key, -2015 if it is not the one.
    pub fn check_key(&self, api_key: Option<&str>) -> Result<(), Refusal> {
        let api_key = api_key.filter(|key| !key.is_empty()).ok_or(Refusal::BAD_KEY_FORMAT)?;
        if !api_key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Refusal::BAD_KEY_FORMAT);
        }
        if api_key != self.api_key { Err(Refusal::UNKNOWN_KEY) } else { Ok(()) }
    }

    /// Checks a signature of a payload, literally first and percent-decoded afterwards.
    ///
    /// # Errors
    /// -1022 if it is not valid.
    pub fn check_signature(&self, payload: &[u8], signature: &str) -> Result<SignatureKind, Refusal> {
        if let Some(bytes) = from_hex(signature) {
            hmac::verify(&self.hmac, payload, &bytes).map_err(|_| Refusal::BAD_SIGNATURE)?;
            return Ok(SignatureKind::Hmac);
        }
        let decoded = percent_decode(signature, Plus::Literal);
        for text in [signature, decoded.as_str()] {
            let Ok(bytes) = STANDARD.decode(text) else { continue };
            let key = UnparsedPublicKey::new(&ED25519, &self.public_key);
            if key.verify(payload, &bytes).is_ok() {
                return Ok(SignatureKind::Ed25519);
            }
        }
        Err(Refusal::BAD_SIGNATURE)
    }
}

/// Checks a request's timestamp against the server's clock.
///
/// # Errors
/// -1102 or -1100 if the texts are no numbers, -1131 if the window is too large, -1021 if the time lies outside it.
pub fn check_time(timestamp: Option<&str>, window: Option<&str>, now_us: i64) -> Result<(), Refusal> {
    let timestamp = timestamp.ok_or_else(|| Refusal::missing("timestamp"))?;
    let stamp: i64 = timestamp.parse().map_err(|_| Refusal::illegal_characters("timestamp", "^[0-9]{1,20}$"))?;
    let stamp_us = if stamp > MILLISECONDS_MAX { stamp } else { stamp * 1_000 };
    let window_us = match window {
        None => DEFAULT_WINDOW_US,
        Some(text) => tercel_types::parse_decimal(text.as_bytes(), 3)
            .map_err(|_| Refusal::illegal_characters("recvWindow", "^[0-9]{1,5}(\\.[0-9]{1,3})?$"))?,
    };
    if !(0..=WINDOW_US_MAX).contains(&window_us) {
        return Err(Refusal::BAD_WINDOW);
    }
    if stamp_us >= now_us + AHEAD_US_MAX {
        return Err(Refusal::AHEAD_OF_SERVER);
    }
    if now_us - stamp_us > window_us {
        return Err(Refusal::OUTSIDE_WINDOW);
    }
    Ok(())
}

/// What a plus sign stands for in percent-encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plus {
    /// Itself, as in base64.
    Literal,
    /// A space, as in forms.
    Space,
}

/// Percent-decodes a text. An escape that is none stays as it is.
#[must_use]
pub fn percent_decode(text: &str, plus: Plus) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        if let Some([value]) = escape.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(from_hex).as_deref()
        {
            decoded.push(*value);
            at += 3;
            continue;
        }
        decoded.push(if bytes[at] == b'+' && plus == Plus::Space { b' ' } else { bytes[at] });
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// 64 letters and digits. Bytes that would favour some letters are thrown away.
fn random_text(random: &SystemRandom) -> Result<String, NoRandomness> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(64);
    while text.len() < 64 {
        let mut bytes = [0; 64];
        random.fill(&mut bytes).map_err(|_| NoRandomness)?;
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(fair.take(64 - text.len()));
    }
    Ok(text)
}

fn pem(seed: &[u8; 32]) -> String {
    let der = [PKCS8_PREFIX.as_slice(), seed].concat();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hmac_signature_is_accepted_in_either_case_and_only_for_its_payload() {
        let keys = Keys::generate().unwrap();
        let tag = hmac::sign(&keys.hmac, b"symbol=BTCUSDT");
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(keys.check_signature(b"symbol=BTCUSDT", &hex), Ok(SignatureKind::Hmac));
        assert_eq!(keys.check_signature(b"symbol=BTCUSDT", &hex.to_uppercase()), Ok(SignatureKind::Hmac));
        assert_eq!(keys.check_signature(b"symbol=ETHUSDT", &hex), Err(Refusal::BAD_SIGNATURE));
    }

    #[test]
    fn an_ed25519_signature_is_accepted_raw_and_percent_encoded() {
        let keys = Keys::generate().unwrap();
        let body: String = keys.private_key_pem().lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(body).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
        for index in 0..32 {
            let payload = format!("timestamp={index}");
            let raw = STANDARD.encode(pair.sign(payload.as_bytes()));
            let encoded = raw.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            assert_eq!(keys.check_signature(payload.as_bytes(), &raw), Ok(SignatureKind::Ed25519));
            assert_eq!(keys.check_signature(payload.as_bytes(), &encoded), Ok(SignatureKind::Ed25519));
        }
    }

    #[test]
    fn the_window_is_open_for_the_past_and_a_second_of_the_future() {
        let now_us = 1_700_000_000_000_000;
        assert!(check_time(Some("1700000000000"), None, now_us).is_ok());
        assert!(check_time(Some("1700000000000999"), None, now_us).is_ok());
        assert_eq!(check_time(Some("1700000001000"), None, now_us), Err(Refusal::AHEAD_OF_SERVER));
        assert_eq!(check_time(Some("1699999994999"), None, now_us), Err(Refusal::OUTSIDE_WINDOW));
        assert!(check_time(Some("1699999994999"), Some("5001.5"), now_us).is_ok());
        assert_eq!(check_time(Some("1700000000000"), Some("60001"), now_us), Err(Refusal::BAD_WINDOW));
        assert_eq!(check_time(None, None, now_us).map_err(|refusal| refusal.code), Err(-1102));
    }

    #[test]
    fn an_escape_that_is_none_stays() {
        assert_eq!(percent_decode("a%2Bb%zz+%4", Plus::Space), "a+b%zz %4");
    }
}
