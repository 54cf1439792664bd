import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

import type { SummaryRecord } from './summary.ts';
import { configurationFile, start, startVenue, strategyFile, tercel } from './testing/command.ts';

const DEMO = fileURLToPath(new URL('../../config/demo.toml', import.meta.url));
const QUOTING = 'half_spread_bps = 0.02\nquantity = 0.002\nmax_position = 0.05';
const CANARY = 'canary-77e0b1';

type Venue = Awaited<ReturnType<typeof startVenue>>;
let venue: Venue | undefined;

afterEach(async () => {
  await venue?.stop();
  venue = undefined;
});

function summaryOf(file: string): SummaryRecord {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The process id of the exchange that a run supervises. */
function exchangeOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Whether a process with this id exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function openOrdersLeft({ announcement }: Venue): Promise<unknown> {
  const { createHmac } = await import('node:crypto');
  const query = `timestamp=${Date.now()}`;
  const signature = createHmac('sha256', announcement.api_secret).update(query).digest('hex');
  const response = await fetch(`${announcement.rest}/api/v3/openOrders?${query}&signature=${signature}`, {
    headers: { 'X-MBX-APIKEY': announcement.api_key },
  });
  return response.json();
}

function keysOf({ announcement }: Venue): { lines: string; environment: NodeJS.ProcessEnv } {
  return {
    lines: [
      `rest = "${announcement.rest}"`,
      `streams = "${announcement.streams}"`,
      `ws_api = "${announcement.ws_api}"`,
      'auth = "hmac"',
      'api_key_env = "TEST_KEY"',
      'api_secret_env = "TEST_SECRET"',
    ].join('\n'),
    environment: { TEST_KEY: announcement.api_key, TEST_SECRET: announcement.api_secret },
  };
}

describe('tercel run', () => {
  test('trades against its own exchange and writes the summary', async () => {
    const config = configurationFile({ parameters: QUOTING });
    const json = join(dirname(config), 'summary.json');
    const { code, output } = await tercel(['run', config, '--seconds', '5', '--json', json]);
    expect(output).toMatch(/position .* BTC, P&L/);
    expect(code).toBe(0);
    const summary = summaryOf(json);
    expect(summary.gaps).toBe(0);
    expect(summary.orders_left).toBe(0);
    expect(summary.messages).toBeGreaterThan(10);
    expect(summary.orders).toBeGreaterThan(1);
    expect(summary.position).toMatch(/^-?\d+(\.\d+)?$/);
    expect(summary.latency_ns['whole']?.count).toBeGreaterThan(0);
  });

  test.each(['ed25519', 'hmac'])('trades with an %s key', async (auth) => {
    const config = configurationFile({ parameters: QUOTING, venue: `auth = "${auth}"\n[exchange]\nseed = 3` });
    const { code, output } = await tercel(['run', config, '--seconds', '3']);
    expect(output).toMatch(/orders +[1-9]/);
    expect(code).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends in order on %s, with every order gone at the venue',
    async (signal) => {
      venue = await startVenue();
      const { lines, environment } = keysOf(venue);
      const config = configurationFile({ parameters: QUOTING, venue: lines });
      const running = start(['run', config], environment);
      await running.saw('quoting');
      await sleep(2_000);
      running.child.kill(signal);
      running.child.kill(signal);
      const { code, output } = await running.ended;
      expect(output).toMatch(/orders +[1-9]/);
      expect(code).toBe(0);
      expect(await openOrdersLeft(venue)).toEqual([]);
    },
  );

  test('ends in order when nobody reads its output any more', async () => {
    venue = await startVenue();
    const { lines, environment } = keysOf(venue);
    const config = configurationFile({ parameters: QUOTING, venue: lines });
    const json = join(dirname(config), 'summary.json');
    const running = start(['run', config, '--json', json], environment);
    await running.saw('quoting');
    await sleep(2_000);
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(summaryOf(json).orders_left).toBe(0);
    expect(await openOrdersLeft(venue)).toEqual([]);
  });

  test('ends at once when it is stopped while the venue does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const lines =
      `rest = "http://${host}"\nstreams = "ws://${host}"\nws_api = "ws://${host}"\nauth = "hmac"\n` +
      'api_key_env = "TEST_KEY"\napi_secret_env = "TEST_KEY"';
    const running = start(['run', configurationFile({ venue: lines })], { TEST_KEY: CANARY });
    await once(silent, 'connection');
    const stopped = performance.now();
    running.child.kill('SIGINT');
    const { code, output } = await running.ended;
    silent.close();
    expect(output).toContain('stopped before trading began');
    expect(code).toBe(0);
    expect(performance.now() - stopped).toBeLessThan(5_000);
  });

  test('ends with a message when the venue vanishes', async () => {
    const config = configurationFile({ parameters: QUOTING });
    const running = start(['run', config]);
    await running.saw('quoting');
    await sleep(1_500);
    process.kill(exchangeOf(running.child.pid), 'SIGKILL');
    const { code, output } = await running.ended;
    expect(output).toContain('tercel: the exchange process ended unexpectedly (SIGKILL)');
    expect(code).toBe(1);
  });

  test('takes its exchange along when it is killed', async () => {
    const running = start(['run', configurationFile({ parameters: QUOTING })]);
    await running.saw('quoting');
    const exchange = exchangeOf(running.child.pid);
    running.child.kill('SIGKILL');
    await running.ended;
    await expect.poll(() => exists(exchange), { timeout: 5_000 }).toBe(false);
  });
});

describe('tercel run refuses', () => {
  test('a wrong key, without showing it', async () => {
    venue = await startVenue();
    const { lines } = keysOf(venue);
    const config = configurationFile({ venue: lines });
    const { code, output } = await tercel(['run', config], { TEST_KEY: CANARY, TEST_SECRET: CANARY });
    expect(output).toMatch(/-2014|-2015|-1022/);
    expect(output).not.toContain(CANARY);
    expect(code).toBe(1);
  });

  test('a venue that is not there', async () => {
    const host = `127.0.0.1:${await unusedPort()}`;
    const lines =
      `rest = "http://${host}"\nstreams = "ws://${host}"\nws_api = "ws://${host}"\nauth = "hmac"\n` +
      'api_key_env = "TEST_KEY"\napi_secret_env = "TEST_KEY"';
    const { code, output } = await tercel(['run', configurationFile({ venue: lines })], { TEST_KEY: CANARY });
    expect(output).toMatch(/^tercel: GET \/api\/v3\/\w+ failed: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)$/m);
    expect(output).not.toContain(CANARY);
    expect(code).toBe(1);
  });

  test('a misspelt parameter of the strategy, with its line', async () => {
    const config = configurationFile({ parameters: 'quanttiy = 1' });
    const { code, output } = await tercel(['run', config]);
    expect(output).toMatch(
      /config\.toml:\d+: strategy\.parameters\.quanttiy is not a parameter of the strategy; did you mean 'quantity'\?/,
    );
    expect(code).toBe(1);
  });

  test('a strategy that does not compile, with the place', async () => {
    const strategy = strategyFile(
      "import { defineStrategy } from 'tercel';\nexport default defineStrategy({ name: ;\n",
    );
    const { code, output } = await tercel(['run', configurationFile({ strategy })]);
    expect(output).toMatch(/strategy\.ts: does not compile: /);
    expect(output).toMatch(/strategy\.ts:2/);
    expect(code).toBe(1);
  });
});

describe('a strategy', () => {
  const define = (handlers: string): string =>
    strategyFile(
      `import { defineStrategy, Side } from 'tercel';\nexport default defineStrategy({ name: 'bad',\n${handlers}\n});\n`,
    );

  test('that throws at start ends the run with the place', async () => {
    const strategy = define("  onStart() { throw new Error('not today'); },");
    const { code, output } = await tercel(['run', configurationFile({ strategy })]);
    expect(output).toMatch(/tercel: the strategy failed: Error: not today at .*strategy\.ts:3/);
    expect(code).toBe(1);
  });

  test('that throws in the middle has its orders cancelled', async () => {
    venue = await startVenue();
    const { lines, environment } = keysOf(venue);
    const strategy = define(
      '  onBook(ctx, book) { if (ctx.orders.possible) ctx.orders.postOnly(0, Side.Buy, book.bidPrice - 50, 0.001); },\n' +
        "  onOrder(ctx, order) { if (order.status === 1) throw new Error('in the middle'); },",
    );
    const { code, output } = await tercel(['run', configurationFile({ strategy, venue: lines })], environment);
    expect(output).toContain('the strategy failed: Error: in the middle');
    expect(code).toBe(1);
    expect(await openOrdersLeft(venue)).toEqual([]);
  });

  test('that hangs is ended by the watchdog and has its orders cancelled', async () => {
    venue = await startVenue();
    const { lines, environment } = keysOf(venue);
    const strategy = define(
      '  onBook(ctx, book) { if (ctx.orders.possible) ctx.orders.postOnly(0, Side.Buy, book.bidPrice - 50, 0.001); },\n' +
        '  onOrder(ctx, order) { while (order.status === 1) {} },',
    );
    const { code, output } = await tercel(
      ['run', configurationFile({ strategy, venue: lines, watchdogMs: 300 })],
      environment,
    );
    expect(output).toContain('the strategy hung');
    expect(code).toBe(1);
    expect(await openOrdersLeft(venue)).toEqual([]);
  });

  test('that blocks outside of JavaScript has its orders cancelled all the same', async () => {
    venue = await startVenue();
    const { lines, environment } = keysOf(venue);
    const strategy = strategyFile(
      "import { execSync } from 'node:child_process';\nimport { defineStrategy, Side } from 'tercel';\n" +
        "export default defineStrategy({ name: 'blocks',\n" +
        '  onBook(ctx, book) { if (ctx.orders.possible) ctx.orders.postOnly(0, Side.Buy, book.bidPrice - 50, 0.001); },\n' +
        "  onOrder(ctx, order) { if (order.status === 1) execSync('sleep 25'); },\n});\n",
    );
    const config = configurationFile({ strategy, venue: lines, watchdogMs: 300 });
    const { code, output } = await tercel(['run', config], environment);
    expect(output).toContain('tercel: the strategy hung: a handler blocks outside of JavaScript');
    expect(code).not.toBe(0);
    expect(await openOrdersLeft(venue)).toEqual([]);
  });
});

describe('tercel venue', () => {
  test('announces itself in one line of JSON and ends on SIGTERM', async () => {
    const alone = await startVenue(['--seed', '5']);
    expect(alone.announcement.rest).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
    expect(alone.announcement.symbols).toContain('BTCUSDT');
    expect(alone.announcement.ed25519_private_key_pem).toMatch(/BEGIN PRIVATE KEY/);
    expect((await alone.stop()).code).toBe(0);
  });

  test('ends after --seconds', async () => {
    const { code } = await tercel(['venue', '--seconds', '0.5']);
    expect(code).toBe(0);
  });

  test('says so when its port is taken', async () => {
    venue = await startVenue();
    const { port } = new URL(venue.announcement.rest);
    const { code, output } = await tercel(['venue', '--port', port]);
    expect(output).toContain(port);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });
});

test('the demo configuration trades', async () => {
  const { code, output } = await tercel(['run', DEMO, '--seconds', '4']);
  expect(output).toMatch(/gaps +0\n/);
  expect(code).toBe(0);
});
