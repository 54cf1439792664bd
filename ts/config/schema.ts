// What a configuration may say. Keys are written as in the file; load.ts turns every violation into a sentence.

import { z } from 'zod';

const positive = z.number().positive();
const milliseconds = z.int().min(1);
/** Amounts may be numbers or, where every digit counts, texts. */
const amount = z.union([
  positive,
  z.string().regex(/^\d+(\.\d+)?$/, { error: "must be a positive decimal number such as '0.001'" }),
]);
const urlOf = (...schemes: string[]) =>
  z.string().refine((text) => schemes.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ''), {
    error: `must be a whole URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const venue = z.strictObject({
  type: z.enum(['binance-spot']).default('binance-spot'),
  rest: urlOf('http', 'https').optional(),
  streams: urlOf('ws', 'wss').optional(),
  ws_api: urlOf('ws', 'wss').optional(),
  auth: z.enum(['ed25519', 'hmac']).default('ed25519'),
  api_key_env: z.string().optional(),
  api_key_file: z.string().optional(),
  api_secret_env: z.string().optional(),
  api_secret_file: z.string().optional(),
  ed25519_private_key_env: z.string().optional(),
  ed25519_private_key_file: z.string().optional(),
  recv_window_ms: z.int().min(1).max(60_000).default(5000),
  connect_timeout_ms: milliseconds.max(120_000).default(10_000),
});

const instrument = z.strictObject({
  symbol: z
    .string()
    .regex(/^[A-Z0-9]{2,20}$/, { error: 'must be the name at the venue in upper case, such as BTCUSDT' }),
  depth: z.enum(['diff', 'partial20']).default('diff'),
});

const risk = z.strictObject({
  max_order_quantity: amount,
  max_notional: amount,
  max_position: amount,
  price_collar_bps: z.int().min(1).max(10_000).default(500),
  max_open_orders: z.int().min(1).max(1024).default(50),
  max_orders_per_second: z.int().min(1).max(100_000).default(10),
  max_data_age_ms: milliseconds.max(3_600_000).default(5000),
});

const strategy = z.strictObject({
  file: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

const engine = z.strictObject({
  wait: z.enum(['busy-spin', 'backoff', 'park']).default('backoff'),
  cpu: z.int().min(0).max(1023).optional(),
  state_directory: z.string().min(1),
  watchdog_ms: milliseconds.min(10).max(600_000).default(1000),
  drain_ms: milliseconds.max(600_000).default(5000),
  seconds: positive.max(31_536_000).optional(),
});

/** What one unit of an asset is worth in the quote asset, for fees that are neither in base nor in quote. */
const feeRates = z.record(z.string().regex(/^[A-Z0-9]{1,20}$/), amount);

const reconcile = z.strictObject({
  open_orders: z.enum(['cancel', 'adopt']).default('cancel'),
});

const exchange = z.strictObject({
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  port: z.int().min(0).max(65_535).default(0),
  balances: z.record(z.string().regex(/^[A-Z0-9]{1,20}$/), amount).default({}),
  /** How many times as busy as the recorded market that the order flow was fitted to. */
  flow_rate: positive.max(1000).default(1),
});

const log = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  format: z.enum(['text', 'json']).default('text'),
});

/** The whole file, as `tercel run` needs it. */
export const configurationSchema = z.strictObject({
  venue: venue.prefault({}),
  instruments: z.array(instrument).min(1).max(16),
  risk,
  strategy,
  engine,
  reconcile: reconcile.prefault({}),
  fee_rates: feeRates.default({}),
  exchange: exchange.optional(),
  log: log.prefault({}),
});

/** A validated configuration; paths are absolute. */
export type Configuration = z.output<typeof configurationSchema>;
export type VenueConfiguration = Configuration['venue'];
export type ExchangeConfiguration = z.output<typeof exchange>;

/** The section that `tercel venue` reads, on its own. */
export const exchangeSchema = exchange;
