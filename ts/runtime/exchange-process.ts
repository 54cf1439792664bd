// The exchange in a box as a supervised process: in its own process session, so that a Ctrl-C in the terminal reaches
// the engine only; it lives until the engine's orders are confirmed gone and ends when its parent ends, however that was.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Log } from './log.ts';
import type { VenueAnnouncement } from './venue.ts';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3_000;
const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** An exchange that did not start or that ended on its own. */
export class ExchangeProcessError extends Error {
  override readonly name = 'ExchangeProcessError';
}

/** A running exchange. */
export class ExchangeProcess {
  readonly announcement: VenueAnnouncement;
  /** Resolves with the reason when the process ends without having been asked to. */
  readonly failed: Promise<string>;
  readonly #child: ChildProcess;
  #stopping = false;

  private constructor(child: ChildProcess, announcement: VenueAnnouncement) {
    this.#child = child;
    this.announcement = announcement;
    this.failed = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        if (!this.#stopping) {
          resolve(`the exchange process ended unexpectedly (${signal ?? `exit code ${code}`})`);
        }
      });
    });
  }

  /** Starts `tercel venue` with these arguments and waits for its announcement. */
  static async start(args: readonly string[], log: Log): Promise<ExchangeProcess> {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, 'venue', '--json', '--supervised', ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Writing to the pipe of a process that is gone must not end this one.
    child.stdin.on('error', () => {});
    const complaints: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      complaints.push(line);
      complaints.splice(0, complaints.length - 20);
      log.warn(`exchange: ${line}`);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    try {
      const line = await firstLine(child);
      return new ExchangeProcess(child, JSON.parse(line) as VenueAnnouncement);
    } catch {
      const reason = complaints.join('\n').replace(/^tercel: /, '');
      throw new ExchangeProcessError(reason === '' ? 'the exchange did not start' : reason);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the exchange and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (stdout === null) {
      reject(new ExchangeProcessError('the exchange has no output'));
      return;
    }
    const lines = createInterface(stdout);
    lines.once('line', resolve);
    lines.once('close', () => reject(new ExchangeProcessError('the exchange ended before it was ready')));
  });
}
