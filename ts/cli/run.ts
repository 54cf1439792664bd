// `tercel run`: a configuration, a venue or the exchange in a box, a status line, a summary.

import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Status } from '../../bindings/index.d.ts';
import { type LoadedConfiguration, loadConfiguration } from '../config/load.ts';
import { ExchangeProcess } from '../runtime/exchange-process.ts';
import { type Log, makeLog } from '../runtime/log.ts';
import { printable } from '../runtime/printable.ts';
import { type RunResult, runEngine } from '../runtime/run.ts';
import { announcedVenue, configuredVenue, type VenueAccess } from '../runtime/venue.ts';
import { CommandFailure } from './failure.ts';
import { type StopRequest, stopRequest } from './signals.ts';
import { emptySummary, statusText, summaryRecord, summaryText } from './summary.ts';
import { Terminal } from './terminal.ts';

const STATUS_INTERVAL_MS = 250;
/** As long without a message means that there is none. */
const QUIET_MS = 500;

export interface RunCommandOptions {
  readonly seconds?: number;
  readonly json?: string;
  readonly replay?: readonly string[];
  readonly speed?: number | 'max';
}

/** The command. Throws where nothing was started; otherwise prints the summary and sets the exit code. */
export async function run(config: string, options: RunCommandOptions): Promise<void> {
  const source = loadConfiguration(config);
  checkTogether(source, options);
  const terminal = new Terminal();
  const log = makeLog(source.configuration.log, (line) => terminal.write(line));
  const stop = stopRequest(() => log.error('ended at once; orders may still be open at the venue'));
  const exchange = await startExchange(source, options, log);
  try {
    const venue = exchange
      ? announcedVenue(exchange.announcement, source.configuration.venue.auth)
      : configuredVenue(source.configuration.venue, log.warn);
    const result = await trade({ source, venue, log, stop, terminal, exchange, options });
    if (result === undefined) {
      terminal.write('stopped before trading began\n');
      if (options.json !== undefined) {
        writeSummary(options.json, summaryRecord(emptySummary(source.configuration.engine.wait), undefined));
      }
    } else {
      tell(result, options.json, terminal);
    }
  } finally {
    await exchange?.stop();
  }
}

function checkTogether({ file, configuration }: LoadedConfiguration, { replay, speed }: RunCommandOptions): void {
  if (replay !== undefined && configuration.exchange === undefined) {
    throw new CommandFailure(`--replay needs the exchange in a box: add an [exchange] section to ${file}`);
  }
  if (speed !== undefined && replay === undefined) {
    throw new CommandFailure('--speed is the speed of a replay; give --replay FILE too');
  }
}

async function startExchange(
  { file, configuration }: LoadedConfiguration,
  { replay = [], speed }: RunCommandOptions,
  log: Log,
): Promise<ExchangeProcess | undefined> {
  if (configuration.exchange === undefined) {
    return undefined;
  }
  const args = [file];
  if (replay.length > 0) {
    args.push('--replay', ...replay);
  }
  if (speed !== undefined) {
    args.push('--speed', String(speed));
  }
  return ExchangeProcess.start(args, log);
}

interface Trading {
  readonly source: LoadedConfiguration;
  readonly venue: VenueAccess;
  readonly log: Log;
  readonly stop: StopRequest;
  readonly terminal: Terminal;
  readonly exchange: ExchangeProcess | undefined;
  readonly options: RunCommandOptions;
}

async function trade({
  source,
  venue,
  log,
  stop,
  terminal,
  exchange,
  options,
}: Trading): Promise<RunResult | undefined> {
  let status: NodeJS.Timeout | undefined;
  const over = new AbortController();
  try {
    return await runEngine({
      source,
      venue,
      log,
      stop: stop.signal,
      ...(exchange && { failed: exchange.failed }),
      onRunning: (read) => {
        stop.startTimer(options.seconds ?? source.configuration.engine.seconds);
        status = showStatus(terminal, read);
        exchange?.replayed.then(() => stopWhenRead(read, stop, over.signal));
      },
    });
  } finally {
    over.abort();
    clearInterval(status);
    terminal.clearStatus();
  }
}

/** After the last frame of a capture was sent: stops once the engine has read all that was on its way. */
async function stopWhenRead(read: () => Status, stop: StopRequest, over: AbortSignal): Promise<void> {
  for (let before = -1; !over.aborted; await sleep(QUIET_MS)) {
    const { messages } = read();
    if (messages === before) {
      stop.request();
      return;
    }
    before = messages;
  }
}

function showStatus(terminal: Terminal, read: () => Status): NodeJS.Timeout | undefined {
  if (!terminal.isLive) {
    return undefined;
  }
  const started = performance.now();
  const show = (): void => terminal.status(statusText(read(), performance.now() - started));
  show();
  return setInterval(show, STATUS_INTERVAL_MS);
}

function tell({ summary, failure }: RunResult, file: string | undefined, terminal: Terminal): void {
  process.stdout.write(`\n${summaryText(summary)}`);
  if (file !== undefined) {
    writeSummary(file, summaryRecord(summary, failure));
  }
  if (failure !== undefined) {
    terminal.write(`tercel: ${printable(failure)}\n`);
  }
  if (failure !== undefined || summary.ordersLeft > 0) {
    process.exitCode = 1;
  }
}

function writeSummary(file: string, record: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw new CommandFailure(`--json: ${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}
