// Secrets: read from an environment variable or a file that the configuration names, held so that they show nowhere.

import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';

import type { VenueConfiguration } from './schema.ts';

const REDACTED = '[redacted]';
const OTHERS_CAN_READ = 0o044;

/** A text that never shows itself: not in strings, JSON, logs or the debugger's printing. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for signing and for the native engine only. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** Who we are at a venue. */
export type Credentials =
  | { readonly auth: 'hmac'; readonly apiKey: Secret; readonly apiSecret: Secret }
  | { readonly auth: 'ed25519'; readonly apiKey: Secret; readonly privateKeyPem: Secret };

/** A secret that the configuration names and that cannot be had. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the credentials that `[venue]` names. `warn` hears of files that others can read. */
export function readCredentials(
  venue: VenueConfiguration,
  warn: (message: string) => void,
  environment: Environment = process.env,
): Credentials {
  const read = (key: string, variable: string | undefined, file: string | undefined): Secret =>
    readSecret({ key: `venue.${key}`, variable, file }, warn, environment);
  const apiKey = read('api_key', venue.api_key_env, venue.api_key_file);
  if (venue.auth === 'hmac') {
    return { auth: 'hmac', apiKey, apiSecret: read('api_secret', venue.api_secret_env, venue.api_secret_file) };
  }
  const key = 'ed25519_private_key';
  return {
    auth: 'ed25519',
    apiKey,
    privateKeyPem: read(key, venue.ed25519_private_key_env, venue.ed25519_private_key_file),
  };
}

interface SecretSource {
  readonly key: string;
  readonly variable: string | undefined;
  readonly file: string | undefined;
}

function readSecret(
  { key, variable, file }: SecretSource,
  warn: (message: string) => void,
  environment: Environment,
): Secret {
  if (variable !== undefined) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === '') {
      throw new SecretError(`${key}_env names the environment variable ${variable}, which is not set; export it`);
    }
    return new Secret(text);
  }
  if (file === undefined) {
    throw new SecretError(`${key}_env or ${key}_file is missing`);
  }
  return readSecretFile(key, file, warn);
}

function readSecretFile(key: string, file: string, warn: (message: string) => void): Secret {
  try {
    if ((statSync(file).mode & OTHERS_CAN_READ) !== 0) {
      warn(`${file} (${key}_file) can be read by other users; run: chmod 600 ${file}`);
    }
    return new Secret(readFileSync(file, 'utf8').trim());
  } catch (error) {
    throw new SecretError(`${key}_file names ${file}, which cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
