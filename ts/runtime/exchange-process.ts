// The exchange in a box as a supervised process: in its own process session, so that a Ctrl-C in the terminal reaches
// the engine only; it lives until the engine's orders are confirmed gone and ends when its parent ends, however that was.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Log } from './log.ts';
import type { VenueAnnouncement } from './venue.ts';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3_000;
/** How the command begins the line that says why it ends. */
const FAILURE = 'tercel: ';
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
  /** Resolves when the captures that it plays have been played to their end. */
  readonly replayed: Promise<void>;
  readonly #child: ChildProcess;
  #stopping = false;

  private constructor({ child, lines, complaints }: Started, announcement: VenueAnnouncement) {
    this.#child = child;
    this.announcement = announcement;
    this.replayed = new Promise((resolve) => {
      lines.once('line', () => resolve());
    });
    this.failed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        if (!this.#stopping) {
          const ending = `the exchange process ended unexpectedly (${signal ?? `exit code ${code}`})`;
          resolve(reasonIn(complaints) ?? ending);
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
      if (!line.startsWith(FAILURE)) {
        log.warn(`exchange: ${line}`);
      }
    });
    const lines = createInterface(child.stdout);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    try {
      const line = await firstLine(lines);
      return new ExchangeProcess({ child, lines, complaints }, JSON.parse(line) as VenueAnnouncement);
    } catch {
      throw new ExchangeProcessError(reasonIn(complaints) ?? 'the exchange did not start');
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

interface Started {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly complaints: readonly string[];
}

/** The failure that the process told last, if it told one. */
function reasonIn(complaints: readonly string[]): string | undefined {
  const at = complaints.findLastIndex((line) => line.startsWith(FAILURE));
  return at < 0 ? undefined : complaints.slice(at).join('\n').slice(FAILURE.length);
}

function firstLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => reject(new ExchangeProcessError('the exchange ended before it was ready')));
  });
}
