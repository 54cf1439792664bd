// Recorded captures for tests. They lie beside the repository, not in it: where they are absent, tests that need them are
// skipped and say so.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { test } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../../shared/data/binance/', import.meta.url));

/** Spot, with a snapshot. */
export const SPOT = `${FOLDER}spot_btcusdt_20240808.gz`;
/** What follows it, without a snapshot. */
export const SPOT_CONTINUED = `${FOLDER}spot_btcusdt_20240809.gz`;
/** USD-M futures, with a snapshot. */
export const USD_M = `${FOLDER}usdm_btcusdt_20240808.gz`;

const isPresent = [SPOT, SPOT_CONTINUED, USD_M].every((file) => existsSync(file));
if (!isPresent) {
  console.warn(`skipped: shared/data is absent (${FOLDER})`);
}

/** A test that needs the captures. */
export const testWithCaptures = test.skipIf(!isPresent);

/** Best prices as of an update: bid price, bid quantity, ask price, ask quantity. */
export interface BestPrices {
  readonly update: number;
  readonly prices: readonly [number, number, number, number];
}

/** The stream of best prices of a spot capture, in the order of the updates. */
export function recordedBestPrices(file: string): BestPrices[] {
  const found: BestPrices[] = [];
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    if (line.includes('@bookTicker"')) {
      const { data } = JSON.parse(line.slice(line.indexOf('{'))) as {
        data: Record<'u' | 'b' | 'B' | 'a' | 'A', string>;
      };
      found.push({ update: Number(data.u), prices: [Number(data.b), Number(data.B), Number(data.a), Number(data.A)] });
    }
  }
  return found.sort((one, other) => one.update - other.update);
}

/** Lines of `update_id,bid_price,bid_quantity,ask_price,ask_quantity`, with or without a header. */
export function readBestPrices(file: string): BestPrices[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines
    .filter((line) => !line.startsWith('update_id'))
    .map((line) => {
      const [update = Number.NaN, ...prices] = line.split(',').map(Number);
      return { update, prices: prices as unknown as BestPrices['prices'] };
    });
}
