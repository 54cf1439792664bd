// Signatures of REST requests: HMAC-SHA256 in hex, or Ed25519 in base64, over the query string as it is sent.
// Source: Binance spot REST API, "SIGNED endpoint security"; percent-encoding comes before signing.

import { createHmac, createPrivateKey, sign } from 'node:crypto';

import type { Credentials } from '../../config/secrets.ts';

/** Signs query strings with one key. */
export interface RequestSigner {
  /** The query with its signature appended. */
  signed(query: string): string;
}

/** A signer for the credentials; the key is parsed once. */
export function requestSigner(credentials: Credentials): RequestSigner {
  if (credentials.auth === 'hmac') {
    const { apiSecret } = credentials;
    return {
      signed: (query) => `${query}&signature=${createHmac('sha256', apiSecret.reveal()).update(query).digest('hex')}`,
    };
  }
  const key = parsePrivateKey(credentials.privateKeyPem.reveal());
  return {
    signed: (query) =>
      `${query}&signature=${encodeURIComponent(sign(null, Buffer.from(query), key).toString('base64'))}`,
  };
}

/** A key that cannot be used for signing. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

function parsePrivateKey(pem: string): ReturnType<typeof createPrivateKey> {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The parser's own message may quote the key, so it is not passed on.
    throw new KeyError('the Ed25519 private key is not valid PEM; make one with: openssl genpkey -algorithm ed25519');
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new KeyError(`the private key is ${key.asymmetricKeyType}, not Ed25519; register an Ed25519 key or use HMAC`);
  }
  return key;
}
