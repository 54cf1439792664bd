// An engine's life on the main thread, from top to bottom: load, connect, watch, stop. The trading itself happens in the
// strategy's worker; this side does what may wait.

import { mkdirSync } from 'node:fs';

import type { Engine, Notice, Status, Summary } from '../../bindings/index.d.ts';
import { configurationError, type LoadedConfiguration } from '../config/load.ts';
import { native } from '../native.ts';
import { measureClockOffset } from '../venues/binance/clock-offset.ts';
import { isRaceWithTheMarket } from '../venues/binance/errors.ts';
import { BinanceRest } from '../venues/binance/rest.ts';
import { marketStreamUrl } from '../venues/binance/streams.ts';
import { Answers } from './answers.ts';
import { Connection } from './connection.ts';
import { cancelOverRest } from './last-resort.ts';
import { LOG_LEVELS, type Log, type LogLevel } from './log.ts';
import { nativeConfig } from './native-config.ts';
import { Repeats } from './repeats.ts';
import { reasonOf, shutDown } from './shutdown.ts';
import { StrategyWorker } from './strategy-worker.ts';
import type { VenueAccess } from './venue.ts';
import { VenueRejects } from './venue-rejects.ts';

const NOTICE_INTERVAL_MS = 5;
const CLOCK_INTERVAL_MS = 60_000;

export interface RunOptions {
  readonly source: LoadedConfiguration;
  readonly venue: VenueAccess;
  readonly log: Log;
  /** Ends the run in order: by a signal or by the clock. */
  readonly stop: AbortSignal;
  /** Ends the run as a failure: resolves with the reason. */
  readonly failed?: Promise<string>;
  /** Called once the engine exists, with a way to look at it. */
  readonly onRunning?: (status: () => Status) => void;
}

/** How a run ended. */
export interface RunResult {
  readonly summary: Summary;
  /** Why trading ended, if it was not asked to. */
  readonly failure: string | undefined;
}

/**
 * Runs the configured strategy until it is stopped or fails. Rejects where nothing was started yet; undefined where it
 * was stopped before that.
 */
export async function runEngine(options: RunOptions): Promise<RunResult | undefined> {
  const { source, venue, stop } = options;
  const rest = new BinanceRest({
    url: venue.rest,
    credentials: venue.credentials,
    recvWindowMs: source.configuration.venue.recv_window_ms,
  });
  const worker = new StrategyWorker(source);
  try {
    const engine = await unlessAborted(prepare(options, rest, worker), stop);
    return engine && (await new EngineRun(options, { engine, rest, worker }).run());
  } finally {
    await worker.terminate();
  }
}

/** Everything that can be wrong before there is a connection is found here. */
async function prepare({ source, venue }: RunOptions, rest: BinanceRest, worker: StrategyWorker): Promise<Engine> {
  const symbols = source.configuration.instruments.map(({ symbol }) => symbol);
  const [clock, exchangeInfo] = await Promise.all([
    measureClockOffset(() => rest.time()),
    rest.exchangeInfo(symbols),
    worker.loaded,
  ]);
  rest.clockOffsetMs = clock.offsetMs;
  makeStateDirectory(source);
  const engine = new native.Engine(nativeConfig(source.configuration, venue.credentials, exchangeInfo));
  engine.setClockOffset(clock.offsetMs);
  return engine;
}

function makeStateDirectory({ file, text, configuration }: LoadedConfiguration): void {
  const directory = configuration.engine.state_directory;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const problem = `names ${directory}, which cannot be made: ${(error as NodeJS.ErrnoException).code}`;
    throw configurationError(file, text, [{ path: ['engine', 'state_directory'], problem }]);
  }
}

/** Undefined if the signal comes first. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const give = (): void => resolve(undefined);
  signal.addEventListener('abort', give, { once: true });
  if (signal.aborted) {
    give();
  }
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', give);
    // Whoever stopped waiting does not want to hear of a failure that comes later.
    work.catch(() => {});
  }
}

interface Parts {
  readonly engine: Engine;
  readonly rest: BinanceRest;
  readonly worker: StrategyWorker;
}

/** A started engine with its worker, its connections and its timers. */
class EngineRun {
  readonly #options: RunOptions;
  readonly #parts: Parts;
  readonly #answers: Answers;
  readonly #market: Connection;
  readonly #orders: Connection;
  readonly #hung = new AbortController();
  readonly #repeats = new Repeats();
  readonly #rejects = new VenueRejects();
  readonly #over: Promise<string | undefined>;
  #end: (failure: string | undefined) => void = () => {};
  /** A defect on this side must not leave orders open: the run ends in order and says what happened. */
  readonly #onDefect = (error: Error): void => this.#end(`a defect in the engine's main thread: ${error.stack}`);

  constructor(options: RunOptions, parts: Parts) {
    const { source, log } = options;
    this.#options = options;
    this.#parts = parts;
    this.#over = new Promise((resolve) => {
      this.#end = resolve;
    });
    const onGivenUp = (reason: string): void => this.#end(reason);
    const symbols = source.configuration.instruments.map(({ symbol }) => symbol);
    this.#answers = new Answers({ ...parts, symbols, log, onRefused: onGivenUp });
    this.#market = new Connection({ name: 'market data', connect: () => this.#connectMarket(), log, onGivenUp });
    this.#orders = new Connection({ name: 'orders', connect: () => this.#connectOrders(), log, onGivenUp });
  }

  async run(): Promise<RunResult> {
    const { engine, worker } = this.#parts;
    worker.start(engine.id);
    const notices = setInterval(() => this.#readNotices(), NOTICE_INTERVAL_MS);
    const clock = setInterval(() => this.#measureClock(), CLOCK_INTERVAL_MS);
    this.#options.onRunning?.(() => engine.status());
    this.#watch();
    this.#connect();
    const failure = await this.#over.finally(() => process.off('uncaughtException', this.#onDefect));
    this.#market.close();
    this.#orders.close();
    const ended = await this.#shutDown();
    clearInterval(notices);
    clearInterval(clock);
    this.#answers.close();
    this.#readNotices();
    const summary = engine.summary();
    engine.close();
    const ordersLeft = summary.ordersLeft === 0 ? 0 : await this.#cancelOverRest(summary.ordersLeft);
    const rejects = this.#rejects.tellApart(summary.rejects);
    return { summary: { ...summary, rejects, ordersLeft }, failure: failure ?? ended };
  }

  async #shutDown(): Promise<string | undefined> {
    const { engine, worker } = this.#parts;
    const drainMs = this.#options.source.configuration.engine.drain_ms;
    try {
      return await shutDown({ engine, worker, drainMs, hung: this.#hung.signal });
    } catch (error) {
      await this.#cancelOverRest(engine.status().workingOrders);
      throw error;
    }
  }

  /** The last resort for orders whose end was not confirmed. Returns how many are left. */
  async #cancelOverRest(ordersLeft: number): Promise<number> {
    const { log, source } = this.#options;
    try {
      const symbols = source.configuration.instruments.map(({ symbol }) => symbol);
      return await cancelOverRest(this.#parts.rest, symbols, log);
    } catch (error) {
      log.error(`orders could not be cancelled over REST either: ${(error as Error).message}`);
      return ordersLeft;
    }
  }

  /** What ends a run from outside of the engine. */
  #watch(): void {
    const { stop, failed } = this.#options;
    if (stop.aborted) {
      this.#end(undefined);
    }
    stop.addEventListener('abort', () => this.#end(undefined), { once: true });
    failed?.then(this.#end);
    this.#parts.worker.ended.then((end) => this.#end(reasonOf(end)));
    process.on('uncaughtException', this.#onDefect);
  }

  #connect(): void {
    this.#inBackground(this.#market.open());
    this.#inBackground(this.#orders.open());
  }

  /** Work that nobody waits for; what goes wrong in it ends the run. */
  #inBackground(work: Promise<void>): void {
    work.catch((error: Error) => this.#end(error.message));
  }

  async #connectMarket(): Promise<void> {
    const { source, venue } = this.#options;
    const { instruments, venue: settings } = source.configuration;
    const url = marketStreamUrl(venue.streams, instruments);
    const { engine } = this.#parts;
    engine.useMarket(await engine.connectMarket(url, settings.connect_timeout_ms));
  }

  async #connectOrders(): Promise<void> {
    const { source, venue } = this.#options;
    const { engine } = this.#parts;
    engine.useOrders(await engine.connectOrders(venue.wsApi, source.configuration.venue.connect_timeout_ms));
    await this.#answers.reconcile();
  }

  async #measureClock(): Promise<void> {
    const { engine, rest } = this.#parts;
    try {
      const { offsetMs } = await measureClockOffset(() => rest.time());
      rest.clockOffsetMs = offsetMs;
      engine.setClockOffset(offsetMs);
    } catch (error) {
      this.#options.log.warn(`the venue's clock could not be measured: ${(error as Error).message}`);
    }
  }

  #readNotices(): void {
    for (const notice of this.#parts.engine.notices()) {
      this.#handle(notice);
    }
  }

  #handle(notice: Notice): void {
    const { log, source } = this.#options;
    const symbol = source.configuration.instruments[notice.instrument]?.symbol ?? '';
    switch (notice.kind) {
      case 'snapshot-needed':
        this.#inBackground(this.#answers.snapshot(notice.instrument));
        break;
      case 'reconcile-needed':
        log.info(`reconciling: ${notice.text}`);
        this.#inBackground(this.#answers.reconcileAgain());
        break;
      case 'market-lost':
        log.warn(`market data: connection lost: ${notice.text}`);
        this.#inBackground(this.#market.reopen());
        break;
      case 'orders-lost':
        log.warn(`orders: connection lost: ${notice.text}`);
        this.#inBackground(this.#orders.reopen());
        break;
      case 'log':
        log[LOG_LEVELS[notice.code] ?? 'info'](notice.text);
        break;
      case 'strategy-failed':
        this.#end(`the strategy failed: ${notice.text}`);
        break;
      case 'hung':
        this.#hung.abort();
        this.#end(`the strategy hung: a handler did not return within ${source.configuration.engine.watchdog_ms} ms`);
        break;
      case 'killed':
        this.#end(`the kill switch was set: ${notice.text}`);
        break;
      case 'venue-reject':
        this.#rejects.add(notice.code);
        this.#say(isRaceWithTheMarket(notice.code, notice.text) ? 'debug' : 'warn', notice, `${symbol} ${notice.text}`);
        break;
      default:
        this.#say(ROUTINE.has(notice.kind) ? 'debug' : 'warn', notice, `${symbol} ${notice.kind} ${notice.text}`);
    }
  }

  #say(level: LogLevel, { kind, code, instrument }: Notice, line: string): void {
    this.#repeats.write(`${kind} ${code} ${instrument}`, line.trim(), this.#options.log[level]);
  }
}

/** Notices that are part of a good day. */
const ROUTINE: ReadonlySet<string> = new Set(['synchronised', 'orders-ready', 'drained']);
