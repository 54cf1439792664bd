import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { loadConfiguration, loadExchangeConfiguration, validate } from './load.ts';

const DEMO = fileURLToPath(new URL('../../config/demo.toml', import.meta.url));
const TESTNET = fileURLToPath(new URL('../../config/binance-testnet.toml', import.meta.url));
const demo = readFileSync(DEMO, 'utf8');

/** The line of the demo configuration that sets this key. */
function lineOf(key: string): number {
  return demo.split('\n').findIndex((line) => line.startsWith(`${key} =`)) + 1;
}

function complaintAbout(text: string): string {
  try {
    validate('demo.toml', text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('a configuration', () => {
  test.each([DEMO, TESTNET])('%s that comes with the engine is valid', (file) => {
    const { configuration } = loadConfiguration(file);
    expect(configuration.strategy.file).toMatch(/^\/.*examples\/strategies\/market-maker\.ts$/);
    expect(configuration.engine.wait).toBe('backoff');
  });

  test('a misspelt key is refused with the line and the key that was meant', () => {
    const message = complaintAbout(demo.replace('price_collar_bps', 'price_colar_bps'));
    expect(message).toBe(
      `demo.toml:${lineOf('price_collar_bps')}: risk.price_colar_bps is not a known key; did you mean 'price_collar_bps'?`,
    );
  });

  test('values out of range are all named in one go', () => {
    const message = complaintAbout(
      demo.replace('max_open_orders = 20', 'max_open_orders = 2000').replace('seed = 7', 'seed = -1'),
    );
    expect(message.split('\n')).toEqual([
      `demo.toml:${lineOf('max_open_orders')}: risk.max_open_orders must be at most 1024, not 2000`,
      `demo.toml:${lineOf('seed')}: exchange.seed must be at least 0, not -1`,
    ]);
  });

  test('a wrong choice is answered with the choices', () => {
    expect(complaintAbout(demo.replace('"backoff"', '"spin"'))).toMatch(
      /engine\.wait must be one of 'busy-spin', 'backoff', 'park', not "spin"$/,
    );
  });

  test('broken TOML is named with its line', () => {
    expect(complaintAbout('[risk]\nmax_position = = 1')).toMatch(/^demo\.toml:2: is not valid TOML: /);
  });

  test('a live venue needs its addresses and names of secrets', () => {
    const message = complaintAbout(demo.replace(/^\[exchange\][\s\S]*?^\[venue\]/m, '[venue]'));
    for (const key of ['rest', 'streams', 'ws_api', 'api_key_env', 'ed25519_private_key_env']) {
      expect(message).toContain(`venue.${key} is missing`);
    }
  });

  test('an instrument named twice is refused', () => {
    expect(complaintAbout(`${demo}\n[[instruments]]\nsymbol = "BTCUSDT"\n`)).toMatch(/names BTCUSDT a second time/);
  });

  test('a missing file is one line', () => {
    expect(() => loadConfiguration('/nowhere/x.toml')).toThrow('/nowhere/x.toml: there is no such file');
  });

  test('the exchange section stands alone for the venue command', () => {
    expect(loadExchangeConfiguration(DEMO)).toMatchObject({ seed: 7, port: 0 });
  });
});
