// `tercel venue`: the exchange in a box alone.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Exchange, ExchangeInfo, ExchangeOptions } from '../../bindings/index.d.ts';
import { loadExchangeConfiguration } from '../config/load.ts';
import { type ExchangeConfiguration, exchangeSchema } from '../config/schema.ts';
import { native } from '../native.ts';
import { decimalText } from '../runtime/native-config.ts';
import type { ReplayEnd, VenueAnnouncement } from '../runtime/venue.ts';
import { CommandFailure } from './failure.ts';
import { requireReadable } from './replay.ts';
import { stopRequest, whenAborted } from './signals.ts';

/** What the native exchange takes as "as fast as it goes". */
const AS_FAST_AS_POSSIBLE = 0;
const PROGRESS_INTERVAL_MS = 50;

export interface VenueCommandOptions {
  readonly port?: number;
  readonly seconds?: number;
  readonly json?: boolean;
  readonly seed?: number;
  readonly replay?: string[];
  readonly speed?: number | 'max';
  readonly supervised?: boolean;
}

/** The command: announces itself, runs until it is stopped. */
export async function venue(config: string | undefined, options: VenueCommandOptions): Promise<void> {
  const configured = config === undefined ? exchangeSchema.parse({}) : loadExchangeConfiguration(config);
  if (options.speed !== undefined && options.replay === undefined) {
    throw new CommandFailure('--speed is the speed of a replay; give --replay FILE too');
  }
  requireReadable(options.replay ?? []);
  const stop = stopRequest();
  const exchange = await native.Exchange.start(exchangeOptions(configured, options));
  process.stdout.write(options.json ? `${JSON.stringify(announcement(exchange.info))}\n` : describe(exchange.info));
  stop.startTimer(options.seconds);
  if (options.supervised === true) {
    onInputClosed(stop.request);
  }
  try {
    await Promise.race([whenAborted(stop.signal), tellReplayEnd(exchange, options)]);
  } finally {
    stop.request();
    await exchange.stop();
    process.stdin.destroy();
  }
}

/** Says when the captures have been played; the exchange goes on with the last book. Rejects where they cannot be read. */
async function tellReplayEnd(exchange: Exchange, { json }: VenueCommandOptions): Promise<never> {
  for (;;) {
    const progress = exchange.replayProgress();
    if (progress === null) {
      return NEVER;
    }
    const { frames, finished, failure } = progress;
    if (failure !== undefined) {
      throw new CommandFailure(failure);
    }
    if (finished) {
      const line: ReplayEnd = { replayed: frames };
      process.stdout.write(json ? `${JSON.stringify(line)}\n` : `replay        played to its end, ${frames} frames\n`);
      return NEVER;
    }
    await sleep(PROGRESS_INTERVAL_MS, undefined, { ref: false });
  }
}

const NEVER = new Promise<never>(() => {});

function exchangeOptions(configured: ExchangeConfiguration, options: VenueCommandOptions): ExchangeOptions {
  const balances = Object.entries(configured.balances);
  return {
    port: options.port ?? configured.port,
    seed: options.seed ?? configured.seed,
    flowRate: configured.flow_rate,
    ...(options.replay && { replay: options.replay }),
    ...(options.speed !== undefined && { speed: options.speed === 'max' ? AS_FAST_AS_POSSIBLE : options.speed }),
    ...(balances.length > 0 && {
      balances: balances.map(([asset, amount]) => ({ asset, free: decimalText(amount) })),
    }),
  };
}

function announcement(info: ExchangeInfo): VenueAnnouncement {
  return {
    rest: info.rest,
    streams: info.streams,
    ws_api: info.wsApi,
    api_key: info.apiKey,
    api_secret: info.apiSecret,
    ed25519_private_key_pem: info.ed25519PrivateKeyPem,
    symbols: info.symbols,
  };
}

/** For people: where it is. Keys are shown with --json only, where a program asked for them. */
function describe(info: ExchangeInfo): string {
  return [
    `REST          ${info.rest}`,
    `streams       ${info.streams}`,
    `WebSocket API ${info.wsApi}`,
    `symbols       ${info.symbols.join(', ')}`,
    'keys          shown by --json',
    'Ctrl-C stops it',
    '',
  ].join('\n');
}

/** The parent holds the other end of standard input: it closes when the parent is done, and when it dies. */
function onInputClosed(request: () => void): void {
  for (const event of ['close', 'end', 'error']) {
    process.stdin.once(event, request);
  }
  process.stdin.resume();
}
