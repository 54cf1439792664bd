// The REST requests that surround trading: rules, snapshots, reconciliation, clock. Never on the path of an order.
// Bodies are handed on as bytes; the native engine parses what it needs.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Credentials } from '../../config/secrets.ts';
import { errorOfAnswer, VenueError } from './errors.ts';
import { type RequestSigner, requestSigner } from './signing.ts';

const REQUEST_TIMEOUT_MS = 10_000;
const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
/** A longer silence than this is told to the caller instead of waited for. */
const LONGEST_PAUSE_MS = 30_000;
/** Snapshots of this many levels a side, the most the venue gives. */
const SNAPSHOT_LEVELS = 5000;
const MOST_TRADES = 1000;

type Parameters = Readonly<Record<string, string | number>>;

export interface RestOptions {
  /** Scheme, host and port, such as `https://api.binance.com`. */
  readonly url: string;
  /** Absent where only public requests are made. */
  readonly credentials?: Credentials;
  readonly recvWindowMs?: number;
}

/** Status and body as they came. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Binance's REST interface, as far as the engine asks for it. Requests read or cancel, so each may be repeated. */
export class BinanceRest {
  readonly #url: string;
  readonly #credentials: Credentials | undefined;
  readonly #signer: RequestSigner | undefined;
  readonly #recvWindowMs: number;
  #clockOffsetMs = 0;
  #silentUntil = 0;

  constructor({ url, credentials, recvWindowMs = 5000 }: RestOptions) {
    this.#url = url.replace(/\/+$/, '').replace(/\/api(\/v3)?$/, '');
    this.#credentials = credentials;
    this.#signer = credentials && requestSigner(credentials);
    this.#recvWindowMs = recvWindowMs;
  }

  /** The venue's clock less ours, added to the timestamps of signed requests. */
  set clockOffsetMs(offset: number) {
    this.#clockOffsetMs = offset;
  }

  /** The venue's time in milliseconds. One attempt only, because its duration is what matters. */
  async time(): Promise<number> {
    const answer = await this.#ask('/api/v3/time', '');
    const serverTime = serverTimeOf(answer.body);
    if (serverTime === undefined) {
      throw new VenueError({
        kind: 'refused',
        request: 'GET /api/v3/time',
        status: answer.status,
        code: undefined,
        reason: 'the answer has no serverTime; is venue.rest the address of a Binance REST interface?',
      });
    }
    return serverTime;
  }

  /** Rules of the symbols. */
  exchangeInfo(symbols: readonly string[]): Promise<Uint8Array> {
    return this.#body('/api/v3/exchangeInfo', () => encodeQuery({ symbols: JSON.stringify(symbols) }));
  }

  /** A snapshot of the book. */
  depth(symbol: string): Promise<Uint8Array> {
    return this.#body('/api/v3/depth', () => encodeQuery({ symbol, limit: SNAPSHOT_LEVELS }));
  }

  /** All open orders of the account. */
  openOrders(): Promise<Uint8Array> {
    return this.#body('/api/v3/openOrders', () => this.#signed({}));
  }

  /** Balances. */
  account(): Promise<Uint8Array> {
    return this.#body('/api/v3/account', () => this.#signed({ omitZeroBalances: 'true' }));
  }

  /** The account's latest trades of a symbol. */
  myTrades(symbol: string): Promise<Uint8Array> {
    return this.#body('/api/v3/myTrades', () => this.#signed({ symbol, limit: MOST_TRADES }));
  }

  /** Cancels an order. That it has ended already is an answer too, so a refusal is returned and not thrown. */
  cancel(symbol: string, clientOrderId: string): Promise<Answer> {
    return this.#repeated(() =>
      this.#ask('/api/v3/order', this.#signed({ symbol, origClientOrderId: clientOrderId }), 'DELETE'),
    );
  }

  async #body(path: string, query: () => string): Promise<Uint8Array> {
    const { body } = await this.#repeated(() => this.#ask(path, query()));
    return body;
  }

  /** With the time and the signature; made anew for each attempt, since a timestamp ages. */
  #signed(parameters: Parameters): string {
    if (this.#signer === undefined) {
      throw new Error('a private request without credentials');
    }
    const timestamp = Math.round(Date.now() + this.#clockOffsetMs);
    return this.#signer.signed(encodeQuery({ ...parameters, recvWindow: this.#recvWindowMs, timestamp }));
  }

  /** Attempts with growing pauses as long as repeating can help, or with the pause that the venue asked for. */
  async #repeated(attempt: () => Promise<Answer>): Promise<Answer> {
    for (let count = 1; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof VenueError) || count === MOST_ATTEMPTS) {
          throw error;
        }
        const pause = pauseAfter(error, count);
        if (pause === undefined) {
          throw error;
        }
        await sleep(pause);
      }
    }
  }

  async #ask(path: string, query: string, method: 'GET' | 'DELETE' = 'GET'): Promise<Answer> {
    const request = `${method} ${path}`;
    await this.#keepSilence(request);
    const answer = await this.#fetch(request, method, `${this.#url}${path}${query === '' ? '' : `?${query}`}`);
    if (answer.status < 300) {
      return answer;
    }
    const error = errorOfAnswer(request, answer.status, answer.retryAfter, Buffer.from(answer.body).toString('utf8'));
    if (error.kind === 'rate-limited') {
      this.#silentUntil = performance.now() + (error.retryAfterMs ?? FIRST_PAUSE_MS);
    }
    if (error.kind === 'refused' && method === 'DELETE') {
      return answer;
    }
    throw error;
  }

  /** After a 429 or 418 no request leaves before the time that the venue named: more of them lengthen a ban. */
  async #keepSilence(request: string): Promise<void> {
    const wait = this.#silentUntil - performance.now();
    if (wait > LONGEST_PAUSE_MS) {
      throw new VenueError({
        kind: 'rate-limited',
        request,
        status: undefined,
        code: undefined,
        reason: `not sent: the venue asked for silence for another ${Math.ceil(wait / 1000)} s`,
        retryAfterMs: wait,
      });
    }
    if (wait > 0) {
      await sleep(wait);
    }
  }

  async #fetch(request: string, method: string, url: string): Promise<Answer & { retryAfter: string | null }> {
    try {
      const response = await fetch(url, {
        method,
        headers: this.#credentials === undefined ? {} : { 'X-MBX-APIKEY': this.#credentials.apiKey.reveal() },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        // A redirect would carry the key and the signature to another host.
        redirect: 'error',
      });
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      throw unreachable(request, new URL(url).host, error as Error);
    }
  }
}

/** How long to wait before another attempt; undefined where another attempt cannot help. */
function pauseAfter(error: VenueError, count: number): number | undefined {
  if (error.kind === 'refused' || error.kind === 'not-authorised') {
    return undefined;
  }
  const pause = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (count - 1);
  return pause > LONGEST_PAUSE_MS ? undefined : pause;
}

/** The error's own text may hold the whole URL with its signature, so only its cause's code is passed on. */
function unreachable(request: string, host: string, error: Error): VenueError {
  const cause = error.cause as { code?: unknown } | undefined;
  const reason =
    error.name === 'TimeoutError'
      ? `no answer from ${host} within ${REQUEST_TIMEOUT_MS / 1000} s`
      : `${host} cannot be reached (${typeof cause?.code === 'string' ? cause.code : error.name})`;
  return new VenueError({ kind: 'unreachable', request, status: undefined, code: undefined, reason });
}

function serverTimeOf(body: Uint8Array): number | undefined {
  try {
    const { serverTime } = JSON.parse(Buffer.from(body).toString('utf8')) as { serverTime?: unknown };
    return typeof serverTime === 'number' ? serverTime : undefined;
  } catch {
    return undefined;
  }
}

function encodeQuery(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
