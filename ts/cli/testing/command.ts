// Runs the tercel command as a person does, in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { NODE_FLAGS } from '../../../scripts/setup/node.mjs';
import type { VenueAnnouncement } from '../../runtime/venue.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../examples/strategies/market-maker.ts', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the output holds this text. */
  saw(text: string): Promise<void>;
}

/** Starts a command. */
export function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...args], { env: { ...process.env, ...environment } });
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const check of waiting) {
        check();
      }
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, output }));
  });
  const saw = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (output.includes(text)) {
          waiting.delete(check);
          resolve();
        }
      };
      waiting.add(check);
      check();
      ended.then(() => reject(new Error(`ended without saying '${text}':\n${output}`)));
    });
  return { child, ended, saw };
}

/** Runs a command to its end. */
export function tercel(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start(args, environment).ended;
}

/** Starts the exchange in a box alone; `stop` ends it. */
export async function startVenue(
  args: readonly string[] = [],
): Promise<{ readonly announcement: VenueAnnouncement; readonly child: ChildProcess; stop(): Promise<Ended> }> {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, 'venue', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output: '' })));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    ended.then(() => reject(new Error('the exchange did not start')));
  });
  const stop = (): Promise<Ended> => {
    child.kill('SIGTERM');
    return ended;
  };
  return { announcement: JSON.parse(line) as VenueAnnouncement, child, stop };
}

export interface ConfigurationParts {
  /** Path of the strategy; the example by default. */
  readonly strategy?: string;
  /** Lines of `[strategy.parameters]`. */
  readonly parameters?: string;
  /** Lines of `[exchange]`, where it is started. */
  readonly exchange?: string;
  /** Lines of `[venue]`; without them the exchange in a box is started. */
  readonly venue?: string;
  /** The most orders a second; 40 by default. */
  readonly ordersPerSecond?: number;
  /** Lines of `[log]`. */
  readonly log?: string;
  /** How long a handler may take; by default long enough for a machine that is busy with other things. */
  readonly watchdogMs?: number;
  /** Lines of `[engine]`. */
  readonly engine?: string;
}

/** Writes a configuration into a folder of its own. */
export function configurationFile(parts: ConfigurationParts = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tercel-')), 'config.toml');
  const lines = [
    parts.venue === undefined ? `[exchange]\nseed = 7\n${parts.exchange ?? ''}` : `[venue]\n${parts.venue}`,
    '[[instruments]]\nsymbol = "BTCUSDT"',
    '[risk]\nmax_order_quantity = 0.05\nmax_notional = 5000\nmax_position = 0.2',
    `max_orders_per_second = ${parts.ordersPerSecond ?? 40}`,
    `[strategy]\nfile = "${parts.strategy ?? EXAMPLE}"`,
    `[strategy.parameters]\n${parts.parameters ?? ''}`,
    `[engine]\nstate_directory = "state"\n${parts.engine ?? ''}`,
    `watchdog_ms = ${parts.watchdogMs ?? 5_000}`,
    `[log]\n${parts.log ?? ''}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Writes a strategy file. */
export function strategyFile(source: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tercel-')), 'strategy.ts');
  writeFileSync(file, source);
  return file;
}
