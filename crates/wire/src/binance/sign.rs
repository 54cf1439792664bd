//! Keys and signatures.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, signature};

/// The most characters of a signature: 64 bytes of Ed25519 in base64.
const SIGNATURE_LENGTH_MAX: usize = 88;

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or with characters that no key has.
    #[error("the API key or secret is empty or has characters other than printable ASCII; was it copied whole?")]
    Text,
    /// Not a PEM file with a private key.
    #[error("not a PEM private key: expected the lines BEGIN PRIVATE KEY and END PRIVATE KEY around base64")]
    Pem,
    /// A private key, but not Ed25519.
    #[error("the private key is not an Ed25519 key in PKCS#8 form; make one with: openssl genpkey -algorithm ed25519")]
    NotEd25519,
}

/// Who asks, how it is proved, and for how long a request is good.
pub struct Credentials {
    pub(super) api_key: String,
    pub(super) signer: Signer,
    pub(super) receive_window_ms: u32,
}

/// Signs requests. It never shows its key.
pub enum Signer {
    /// HMAC-SHA256 with the secret of an API key; the pads are computed once.
    Hmac(hmac::Key),
    /// Ed25519.
    Ed25519(Box<signature::Ed25519KeyPair>),
}

/// A signature as it goes on the wire.
#[derive(Clone, Copy)]
pub struct SignatureText {
    bytes: [u8; SIGNATURE_LENGTH_MAX],
    length: usize,
}

impl Credentials {
    /// The venue's default for how long a request is good.
    pub const RECEIVE_WINDOW_MS: u32 = 5_000;

    /// Puts a key and its signer together.
    ///
    /// # Errors
    /// [`KeyError::Text`] where the key cannot be one.
    pub fn new(api_key: &str, signer: Signer, receive_window_ms: u32) -> Result<Self, KeyError> {
        check_text(api_key)?;
        Ok(Self { api_key: api_key.to_owned(), signer, receive_window_ms })
    }
}

impl Signer {
    /// A signer from the secret of an HMAC key.
    ///
    /// # Errors
    /// [`KeyError::Text`] where the secret cannot be one.
    pub fn hmac(secret: &str) -> Result<Self, KeyError> {
        check_text(secret)?;
        Ok(Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// A signer from an Ed25519 private key in PKCS#8 (version 1 or 2) as PEM.
    ///
    /// # Errors
    /// [`KeyError`] says what the text is not.
    pub fn ed25519(pem: &str) -> Result<Self, KeyError> {
        let encoded = pem
            .split_once("-----BEGIN PRIVATE KEY-----")
            .and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"))
            .map(|(encoded, _)| encoded.split_ascii_whitespace().collect::<String>())
            .ok_or(KeyError::Pem)?;
        let der = STANDARD.decode(encoded).map_err(|_| KeyError::Pem)?;
        // OpenSSL writes version 1, which has no public key to check against.
        let pair = signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| KeyError::NotEd25519)?;
        Ok(Self::Ed25519(Box::new(pair)))
    }

    /// Signs the text of a request: lower-case hexadecimal for HMAC, base64 for Ed25519. Nothing is allocated.
    #[must_use]
    pub fn sign(&self, payload: &[u8]) -> SignatureText {
        let mut text = SignatureText { bytes: [0; SIGNATURE_LENGTH_MAX], length: 0 };
        match self {
            Self::Hmac(key) => text.write_hex(hmac::sign(key, payload).as_ref()),
            Self::Ed25519(pair) => text.write_base64(pair.sign(payload).as_ref()),
        }
        text
    }
}

impl SignatureText {
    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn write_hex(&mut self, digest: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for (pair, byte) in self.bytes.chunks_exact_mut(2).zip(digest) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        self.length = 2 * digest.len();
    }

    fn write_base64(&mut self, signature: &[u8]) {
        // 64 bytes are 88 characters: the buffer has exactly that room, so that this cannot fail.
        self.length = STANDARD.encode_slice(signature, &mut self.bytes).unwrap_or_default();
    }
}

fn check_text(text: &str) -> Result<(), KeyError> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'&' | b'=');
    if text.is_empty() || !text.bytes().all(plain) { Err(KeyError::Text) } else { Ok(()) }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(redacted)")
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Hmac(_) => "Hmac(redacted)",
            Self::Ed25519(_) => "Ed25519(redacted)",
        })
    }
}

impl fmt::Debug for SignatureText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignatureText(redacted)")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The published example keys of Binance's documentation.
    pub(in crate::binance) const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ja91duEh8A";
    pub(in crate::binance) const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    #[test]
    fn the_documentations_hmac_example_reproduces() {
        let payload = b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
        let text = Signer::hmac(SECRET).unwrap().sign(payload);
        assert_eq!(text.as_bytes(), b"c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
    }

    #[test]
    fn an_openssl_key_signs_as_openssl_does() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINU8APCn5qPsDgf5JqZva6R+bGEN+CB+o6F7WJXPerkc\n-----END PRIVATE KEY-----";
        let text = Signer::ed25519(pem).unwrap().sign(b"apiKey=abc&timestamp=1649729878532");
        assert_eq!(
            text.as_bytes(),
            b"VFsPcJpxpFzRwlMKnYycj7XdXhEAAyQGUxxvhAK91YlW5bD8kWLg2Vlms1ieakJ/555mHauolUcVwqDgKefkAw=="
        );
    }

    #[test]
    fn a_key_of_either_pkcs8_version_is_read() {
        let document = signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
        assert!(Signer::ed25519(&pem).is_ok());
    }

    #[test]
    fn what_is_no_key_is_named() {
        assert_eq!(Signer::ed25519("secret").err(), Some(KeyError::Pem));
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        assert_eq!(Signer::ed25519(pem).err(), Some(KeyError::NotEd25519));
        assert_eq!(Signer::hmac("").err(), Some(KeyError::Text));
        assert_eq!(Credentials::new("a\"b", Signer::hmac("x").unwrap(), 5_000).err(), Some(KeyError::Text));
    }

    #[test]
    fn keys_are_never_shown() {
        let credentials = Credentials::new(API_KEY, Signer::hmac(SECRET).unwrap(), 5_000).unwrap();
        let shown = format!("{credentials:?} {:?} {:?}", credentials.signer, credentials.signer.sign(b"x"));
        assert!(!shown.contains(API_KEY) && !shown.contains(SECRET), "{shown}");
        assert_eq!(shown.matches("redacted").count(), 3);
    }
}
