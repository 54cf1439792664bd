import { generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

import { type Credentials, Secret } from '../../config/secrets.ts';
import { cancelOverRest } from '../../runtime/last-resort.ts';
import { measureClockOffset } from './clock-offset.ts';
import type { VenueError } from './errors.ts';
import { BinanceRest } from './rest.ts';
import { requestSigner } from './signing.ts';
import { marketStreamUrl } from './streams.ts';

const CANARY = 'canary-91ab';
const HMAC: Credentials = { auth: 'hmac', apiKey: new Secret(CANARY), apiSecret: new Secret(CANARY) };

type Reply = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A venue that gives the replies one after the other and then repeats the last. */
async function venue(...replies: Reply[]): Promise<{ rest: BinanceRest; requests: string[] }> {
  const requests: string[] = [];
  const started = createServer((request, response) => {
    requests.push(request.url ?? '');
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    reply?.(request, response);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const { port } = started.address() as AddressInfo;
  return { rest: new BinanceRest({ url: `http://127.0.0.1:${port}`, credentials: HMAC }), requests };
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (_request, response) => response.writeHead(status, headers).end(JSON.stringify(body));
}

async function failureOf(work: Promise<unknown>): Promise<VenueError> {
  return work.then(
    () => expect.unreachable(),
    (error: VenueError) => error,
  );
}

describe('signatures', () => {
  test('HMAC gives the value of the documentation', () => {
    const credentials: Credentials = {
      auth: 'hmac',
      apiKey: new Secret('k'),
      apiSecret: new Secret('NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j'),
    };
    const query =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
    expect(requestSigner(credentials).signed(query)).toBe(
      `${query}&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71`,
    );
  });

  test('Ed25519 verifies over the query as it is sent', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signer = requestSigner({ auth: 'ed25519', apiKey: new Secret('k'), privateKeyPem: new Secret(pem) });
    const signed = signer.signed('timestamp=1');
    const signature = Buffer.from(decodeURIComponent(signed.split('signature=')[1] ?? ''), 'base64');
    expect(verify(null, Buffer.from('timestamp=1'), publicKey, signature)).toBe(true);
  });

  test('a key that is no key is refused without being quoted', () => {
    const wrong = (): unknown =>
      requestSigner({ auth: 'ed25519', apiKey: new Secret('k'), privateKeyPem: new Secret(CANARY) });
    expect(wrong).toThrow(/not valid PEM/);
    expect(wrong).not.toThrow(CANARY);
  });
});

describe('a REST request', () => {
  test('is repeated after a server error and gives the bytes of the answer', async () => {
    const { rest, requests } = await venue(answer(502, {}), answer(200, { lastUpdateId: 1 }));
    expect(Buffer.from(await rest.depth('BTCUSDT')).toString()).toBe('{"lastUpdateId":1}');
    expect(requests).toEqual(Array.from({ length: 2 }, () => '/api/v3/depth?symbol=BTCUSDT&limit=5000'));
  });

  test('waits as long as the venue asks for after a 429', async () => {
    const { rest } = await venue(
      answer(429, { code: -1003, msg: 'Too many requests' }, { 'Retry-After': '1' }),
      answer(200, {}),
    );
    const started = performance.now();
    await rest.exchangeInfo(['BTCUSDT']);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  test('a ban that is too long to wait for is told at once, and nothing more is sent', async () => {
    const { rest, requests } = await venue(answer(418, { code: -1003, msg: 'banned' }, { 'Retry-After': '120' }));
    expect(await failureOf(rest.account())).toMatchObject({ kind: 'rate-limited', status: 418, retryAfterMs: 120_000 });
    expect((await failureOf(rest.account())).message).toMatch(/not sent: the venue asked for silence/);
    expect(requests).toHaveLength(1);
  });

  test('a wrong clock is not asked about again, and the fix is named', async () => {
    const { rest, requests } = await venue(answer(400, { code: -1021, msg: 'Timestamp outside of recvWindow.' }));
    const failure = await failureOf(rest.openOrders());
    expect(failure).toMatchObject({ kind: 'not-authorised', code: -1021 });
    expect(failure.message).toMatch(/synchronise the clock/);
    expect(requests).toHaveLength(1);
  });

  test('a cancel of an order that has ended is answered, not failed', async () => {
    const { rest } = await venue(answer(400, { code: -2011, msg: 'Unknown order sent.' }));
    const { status, body } = await rest.cancel('BTCUSDT', 'tc0');
    expect(status).toBe(400);
    expect(Buffer.from(body).toString()).toContain('-2011');
  });

  test('own orders are cancelled over REST until none is left, and only those', async () => {
    const own = { symbol: 'BTCUSDT', clientOrderId: 'tc00000001000004d2' };
    const foreign = { symbol: 'BTCUSDT', clientOrderId: 'web_1' };
    const other = { symbol: 'ETHUSDT', clientOrderId: 'tc00000001000004d3' };
    const { rest, requests } = await venue(
      answer(200, [own, foreign, other]),
      answer(200, {}),
      answer(200, [foreign, other]),
    );
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    expect(await cancelOverRest(rest, ['BTCUSDT'], silent)).toBe(0);
    expect(requests.filter((request) => request.includes('origClientOrderId'))).toHaveLength(1);
    expect(requests[1]).toContain(`origClientOrderId=${own.clientOrderId}`);
  });

  test('a venue that is not there is named by host', async () => {
    const rest = new BinanceRest({ url: 'http://127.0.0.1:1', credentials: HMAC });
    const failure = await failureOf(rest.time());
    expect(failure).toMatchObject({ kind: 'unreachable' });
    expect(failure.message).toMatch(/127\.0\.0\.1:1 cannot be reached/);
  });

  test('no failure shows key, secret or signature', async () => {
    const { rest } = await venue(answer(400, { code: -1022, msg: 'Signature for this request is not valid.' }));
    const shown = inspect(await failureOf(rest.account()), { depth: 9, showHidden: true });
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain('signature=');
  });
});

test("the clock's offset is taken from the fastest of several answers", async () => {
  const durations = [80, 10, 40];
  let ours = 1_000;
  const offset = await measureClockOffset(
    async () => {
      const duration = durations.shift() ?? 0;
      ours += duration;
      return ours - duration / 2 + 1_270;
    },
    { samples: 3, now: () => ours },
  );
  expect(offset).toEqual({ offsetMs: 1_270, roundTripMs: 10 });
});

test('stream addresses with and without a path come to the same combined stream', () => {
  const instruments = [{ symbol: 'BTCUSDT', depth: 'diff' as const }];
  for (const base of ['ws://h:1', 'ws://h:1/', 'ws://h:1/ws', 'ws://h:1/stream', 'ws://h:1/stream/ws']) {
    expect(marketStreamUrl(base, instruments)).toBe(
      'ws://h:1/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade',
    );
  }
});
