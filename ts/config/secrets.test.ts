import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { configurationSchema } from './schema.ts';
import { readCredentials, Secret } from './secrets.ts';

const CANARY = 'canary-5f1c2d';
const { venue: venueSchema } = configurationSchema.shape;

describe('a secret', () => {
  test('shows itself nowhere but where it is asked to', () => {
    const secret = new Secret(CANARY);
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
    ];
    expect(shown.join()).not.toContain(CANARY);
    expect(secret.reveal()).toBe(CANARY);
  });

  test('comes from the variable that the configuration names', () => {
    const venue = venueSchema.parse({ auth: 'hmac', api_key_env: 'KEY', api_secret_env: 'SECRET' });
    const credentials = readCredentials(venue, () => {}, { KEY: 'k', SECRET: CANARY });
    expect(credentials.auth === 'hmac' && credentials.apiSecret.reveal()).toBe(CANARY);
  });

  test('a variable that is not set is named', () => {
    const venue = venueSchema.parse({ auth: 'hmac', api_key_env: 'KEY', api_secret_env: 'SECRET' });
    expect(() => readCredentials(venue, () => {}, { KEY: 'k' })).toThrow(
      /environment variable SECRET, which is not set/,
    );
  });

  test('a file that others can read is warned about', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tercel-')), 'key.pem');
    writeFileSync(file, CANARY);
    const venue = venueSchema.parse({ api_key_env: 'KEY', ed25519_private_key_file: file });
    const warnings: string[] = [];
    chmodSync(file, 0o644);
    readCredentials(venue, (warning) => warnings.push(warning), { KEY: 'k' });
    chmodSync(file, 0o600);
    readCredentials(venue, (warning) => warnings.push(warning), { KEY: 'k' });
    expect(warnings).toEqual([expect.stringContaining('chmod 600')]);
  });

  test('a file that is not there is named', () => {
    const venue = venueSchema.parse({ api_key_env: 'KEY', ed25519_private_key_file: '/nowhere/key.pem' });
    expect(() => readCredentials(venue, () => {}, { KEY: 'k' })).toThrow(
      '/nowhere/key.pem, which cannot be read: ENOENT',
    );
  });
});
