// A million events on the real way: the exchange's sockets, the native engine, the worker and the example market maker,
// which quotes and is filled. Neither V8 nor the native side may make garbage in it. TERCEL_SOAK_EVENTS sets another number
// of events, for a longer run: TERCEL_SOAK_EVENTS=50000000 npx vitest run ts/runtime/garbage.test.ts

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import type { SummaryRecord } from '../cli/summary.ts';
import { configurationFile, start } from '../cli/testing/command.ts';
import type { Observation } from '../strategy/testing/observed-maker.ts';

const OBSERVED_MAKER = fileURLToPath(new URL('../strategy/testing/observed-maker.ts', import.meta.url));
const EVENTS = Number(process.env['TERCEL_SOAK_EVENTS'] ?? 1_000_000);
const HEAP_GROWTH_LIMIT_BYTES = 64 * 1024;
const LOOK_INTERVAL_MS = 100;
const TIMEOUT_MS = 90_000 + EVENTS / 20;

/** Busy enough that a million events pass within a minute, and that every path of the maker gets hot. */
const FLOW = 'flow_rate = 300';
const QUOTING = 'half_spread_bps = 0.02\nrequote_ticks = 1\nrequote_interval_ms = 1\nmax_position = 0.1';
const ORDERS_PER_SECOND = 5_000;

/** Runs the observed maker until it has seen that many events. */
async function observe(
  events: number,
  parameters: string,
): Promise<{ readonly observation: Observation; readonly summary: SummaryRecord }> {
  const folder = mkdtempSync(join(tmpdir(), 'tercel-'));
  const file = join(folder, 'observation.json');
  const json = join(folder, 'summary.json');
  const config = configurationFile({
    strategy: OBSERVED_MAKER,
    parameters: `file = "${file}"\nmeasured_events = ${events}\n${QUOTING}\n${parameters}`,
    exchange: FLOW,
    ordersPerSecond: ORDERS_PER_SECOND,
    log: 'level = "error"',
  });
  const running = start(['run', config, '--json', json]);
  const looking = setInterval(() => {
    if (read(file) !== undefined) {
      running.child.kill('SIGTERM');
      clearInterval(looking);
    }
  }, LOOK_INTERVAL_MS);
  const { code, output } = await running.ended;
  clearInterval(looking);
  expect(code, output).toBe(0);
  return { observation: read(file) as Observation, summary: read(json) as SummaryRecord };
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

test(
  `${EVENTS.toLocaleString('en-US')} events with the maker quoting and being filled make no garbage`,
  async () => {
    const { observation, summary } = await observe(EVENTS, '');
    console.log(`observed: ${JSON.stringify(observation)}, ${summary.orders} orders, ${summary.fills} fills`);
    expect(observation).toMatchObject({ events: EVENTS, collections: 0 });
    expect(observation.fills).toBeGreaterThan(10);
    expect(observation.heapGrowth).toBeLessThan(HEAP_GROWTH_LIMIT_BYTES);
    expect(summary.allocations).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  'an object made in a handler is noticed',
  async () => {
    const { observation } = await observe(100_000, 'garbage = true\nmost_warm_up_rounds = 20');
    expect(observation.heapGrowth + observation.collections * HEAP_GROWTH_LIMIT_BYTES).toBeGreaterThan(
      HEAP_GROWTH_LIMIT_BYTES,
    );
  },
  TIMEOUT_MS,
);
