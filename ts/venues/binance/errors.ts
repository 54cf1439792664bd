// What Binance answers when it does not do what was asked, and what to do about it.

/** How a request failed. */
export type FailureKind =
  /** The venue understood and refused. */
  | 'refused'
  /** Too many requests; `retryAfterMs` says how long to be silent. */
  | 'rate-limited'
  /** The key, the signature or the clock is wrong; asking again changes nothing. */
  | 'not-authorised'
  /** The venue may or may not have done it: 5xx, or its own time-out (-1007). */
  | 'unknown-outcome'
  /** Nothing came back: no connection, or no answer in time. */
  | 'unreachable';

const FIXES: Readonly<Record<number, string>> = {
  [-1003]: 'send fewer requests; the venue counts weight a minute',
  [-1007]: 'the outcome is unknown; query before sending again',
  [-1021]: "the machine's clock is off or venue.recv_window_ms is too short; synchronise the clock (chrony)",
  [-1022]: 'the signature does not match; check that the secret belongs to the key and venue.auth to its kind',
  [-1121]: 'check the symbol in [[instruments]]',
  [-2014]: 'the API key has the wrong form; check venue.api_key_env or venue.api_key_file',
  [-2015]: "the API key is unknown, or lacks this permission, or this machine's address is not allowed for it",
};
const NOT_AUTHORISED: ReadonlySet<number> = new Set([-1021, -1022, -2008, -2014, -2015]);
const TIMED_OUT_AT_VENUE = -1007;

interface FailureDetails {
  readonly kind: FailureKind;
  readonly request: string;
  readonly status: number | undefined;
  readonly code: number | undefined;
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

/** A request that did not succeed. The message names the request without its signature or key. */
export class VenueError extends Error {
  override readonly name = 'VenueError';
  readonly kind: FailureKind;
  /** HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  /** The venue's own error code. */
  readonly code: number | undefined;
  /** How long to be silent. */
  readonly retryAfterMs: number | undefined;

  constructor({ kind, request, status, code, reason, retryAfterMs }: FailureDetails) {
    const numbers = [status, code].filter((number) => number !== undefined).join(', ');
    const fix = code === undefined ? undefined : FIXES[code];
    super(`${request} failed${numbers === '' ? '' : ` (${numbers})`}: ${reason}${fix === undefined ? '' : `; ${fix}`}`);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The error for an answer whose status is not 2xx. */
export function errorOfAnswer(request: string, status: number, retryAfter: string | null, body: string): VenueError {
  const { code, reason } = parseBody(body);
  const seconds = Number(retryAfter ?? Number.NaN);
  return new VenueError({
    kind: kindOf(status, code),
    request,
    status,
    code,
    reason,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  });
}

function kindOf(status: number, code: number | undefined): FailureKind {
  if (status === 429 || status === 418) {
    return 'rate-limited';
  }
  if (status >= 500 || code === TIMED_OUT_AT_VENUE) {
    return 'unknown-outcome';
  }
  if (status === 401 || (code !== undefined && NOT_AUTHORISED.has(code))) {
    return 'not-authorised';
  }
  return 'refused';
}

function parseBody(body: string): { code: number | undefined; reason: string } {
  try {
    const { code, msg } = JSON.parse(body) as { code?: unknown; msg?: unknown };
    return {
      code: typeof code === 'number' ? code : undefined,
      reason: typeof msg === 'string' && msg !== '' ? msg : 'the venue gave no reason',
    };
  } catch {
    return { code: undefined, reason: body.trim() === '' ? 'the venue gave no reason' : body.trim().slice(0, 200) };
  }
}

/** Codes of orders that were refused, and of cancels and replacements of orders that are gone. */
const NEW_ORDER_REJECTED = -2010;
const CANCEL_REJECTED = -2011;

/**
 * Whether the venue refused something only because the market was faster: a post-only order that would take by now, or a
 * change of an order that was filled meanwhile. That is part of a good day.
 */
export function isRaceWithTheMarket(code: number, text: string): boolean {
  return (
    (code === NEW_ORDER_REJECTED && text.includes('would immediately match')) ||
    (code === CANCEL_REJECTED && text.includes('Unknown order'))
  );
}
