// What recorded captures must give, whichever way they take: the replay command, and the sockets of an exchange that plays
// them into the production engine with a strategy.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';

import type { SummaryRecord } from './summary.ts';
import {
  type BestPrices,
  readBestPrices,
  recordedBestPrices,
  SPOT,
  SPOT_CONTINUED,
  testWithCaptures,
  USD_M,
} from './testing/captures.ts';
import { configurationFile, tercel } from './testing/command.ts';

const RECORDER = fileURLToPath(new URL('./testing/recorder.ts', import.meta.url));
const QUOTING = 'half_spread_bps = 0.02\nquantity = 0.002\nmax_position = 0.05';
const SPOT_DIFFS = 3_449;
const CONTINUED_DIFFS = 3_044;
const TIMEOUT_MS = 60_000;
/** Decimal text as the CSV has it: no exponent, no trailing zeros; empty only where a side is. */
const DECIMAL = String.raw`(?:\d+(?:\.\d*[1-9])?)?`;
const LINE = new RegExp(`^\\d+(?:,${DECIMAL}){4}$`);

function scratch(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'tercel-')), name);
}

/** For each change of the book, the newest of the recorded best prices that is not newer than it. */
function recordedAt(
  changes: readonly BestPrices[],
  recorded: readonly BestPrices[],
): (BestPrices['prices'] | undefined)[] {
  let next = 0;
  return changes.map(({ update }) => {
    while ((recorded[next]?.update ?? Number.POSITIVE_INFINITY) <= update) {
      next += 1;
    }
    return recorded[next - 1]?.prices;
  });
}

/** How many changes of the book left it with the best prices that were recorded beside it. */
function agreeing(changes: readonly BestPrices[], recorded: readonly BestPrices[]): number {
  const expected = recordedAt(changes, recorded);
  return changes.filter(({ prices }, index) => String(prices) === String(expected[index])).length;
}

async function replayed(files: readonly string[]): Promise<{ readonly output: string; readonly bbo: string }> {
  const bbo = scratch('bbo.csv');
  const { code, output } = await tercel(['replay', ...files, '--bbo', bbo]);
  expect(code, output).toBe(0);
  return { output, bbo };
}

/** Trades with a strategy on an exchange that plays captures. */
async function played(parts: {
  readonly strategy?: string;
  readonly parameters: string;
  readonly files: readonly string[];
  readonly options: readonly string[];
}): Promise<{ readonly code: number | null; readonly output: string; readonly summary: () => SummaryRecord }> {
  const { strategy, parameters, files, options } = parts;
  const config = configurationFile({ parameters, ...(strategy && { strategy }) });
  const json = scratch('summary.json');
  const { code, output } = await tercel(['run', config, '--json', json, ...options, '--replay', ...files]);
  return { code, output, summary: () => JSON.parse(readFileSync(json, 'utf8')) };
}

describe('tercel replay', () => {
  testWithCaptures('writes the best prices of a spot capture after each of its diffs', async () => {
    const { output, bbo } = await replayed([SPOT]);
    expect(output).toMatch(/^market +spot$/m);
    expect(output).toMatch(/^messages +41,249$/m);
    expect(output).toMatch(/^gaps +0$/m);
    const [header, ...lines] = readFileSync(bbo, 'utf8').trimEnd().split('\n');
    expect(header).toBe('update_id,bid_price,bid_quantity,ask_price,ask_quantity');
    expect(lines).toHaveLength(SPOT_DIFFS);
    expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
    expect(agreeing(readBestPrices(bbo), recordedBestPrices(SPOT))).toBe(SPOT_DIFFS);
  });

  testWithCaptures('tells USD-M futures by their content', async () => {
    const { output, bbo } = await replayed([USD_M]);
    expect(output).toMatch(/^market +usdm$/m);
    expect(output).toMatch(/^messages +93,954$/m);
    expect(output).toMatch(/^gaps +0$/m);
    const changes = new Map(readBestPrices(bbo).map(({ update, prices }) => [update, String(prices)]));
    const aligned = recordedBestPrices(USD_M).filter(({ update }) => changes.has(update));
    expect(aligned).toHaveLength(629);
    expect(aligned.filter(({ update, prices }) => changes.get(update) !== String(prices))).toEqual([]);
  });

  testWithCaptures('plays two captures as one', async () => {
    const { output, bbo } = await replayed([SPOT, SPOT_CONTINUED]);
    expect(output).toMatch(/^gaps +0$/m);
    expect(readBestPrices(bbo)).toHaveLength(SPOT_DIFFS + CONTINUED_DIFFS);
  });
});

describe('the production sockets', () => {
  testWithCaptures(
    'give a strategy the recorded best prices after each diff, as the replay does',
    async () => {
      const file = scratch('recorded.csv');
      const { code, output, summary } = await played({
        strategy: RECORDER,
        parameters: `file = "${file}"`,
        files: [SPOT],
        options: ['--speed', 'max'],
      });
      expect(code, output).toBe(0);
      expect(summary().gaps).toBe(0);
      const seen = readBestPrices(file);
      expect(seen).toHaveLength(SPOT_DIFFS);
      expect(agreeing(seen, recordedBestPrices(SPOT))).toBe(SPOT_DIFFS);
      expect(seen).toEqual(readBestPrices((await replayed([SPOT])).bbo));
    },
    TIMEOUT_MS,
  );

  testWithCaptures(
    'carry two captures on end, and the run ends with them',
    async () => {
      const file = scratch('recorded.csv');
      const { code, output, summary } = await played({
        strategy: RECORDER,
        parameters: `file = "${file}"`,
        files: [SPOT, SPOT_CONTINUED],
        options: ['--speed', 'max'],
      });
      expect(code, output).toBe(0);
      expect(summary().gaps).toBe(0);
      const seen = readBestPrices(file);
      expect(seen).toHaveLength(SPOT_DIFFS + CONTINUED_DIFFS);
      expect(seen.filter(({ prices: [bid, , ask] }) => bid >= ask)).toEqual([]);
      // Two best prices of the second capture were recorded out of step.
      const recorded = [...recordedBestPrices(SPOT), ...recordedBestPrices(SPOT_CONTINUED)];
      expect(agreeing(seen, recorded)).toBe(SPOT_DIFFS + CONTINUED_DIFFS - 2);
    },
    TIMEOUT_MS,
  );

  testWithCaptures(
    'let the example market maker be filled by recorded trades',
    async () => {
      const { code, output, summary } = await played({
        parameters: QUOTING,
        files: [SPOT],
        options: ['--speed', '60', '--seconds', '30'],
      });
      expect(code, output).toBe(0);
      const { orders, fills, gaps, orders_left } = summary();
      expect({ gaps, orders_left }).toEqual({ gaps: 0, orders_left: 0 });
      expect(orders).toBeGreaterThan(20);
      expect(fills).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});

testWithCaptures('a capture without a snapshot says so and stops', async () => {
  const { code, output } = await played({ parameters: QUOTING, files: [SPOT_CONTINUED], options: ['--speed', 'max'] });
  expect(output).toMatch(/^tercel: .*spot_btcusdt_20240809\.gz: no recorded book in the first capture/m);
  expect(code).toBe(1);
});
