// The programs of bench/: built by cargo, spoken to in lines of JSON, and never left behind.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from '../setup/command.mjs';
import { SetupFailure } from '../setup/failure.mjs';
import { ROOT } from '../setup/paths.mjs';
import { Progress } from '../setup/progress.mjs';

const BINARY = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'release', 'tercel-bench');
const PATIENCE_MS = 60_000;

/** The recorded market. Where it is absent the programs make one and say so. */
export const CAPTURE = join(ROOT, '..', 'shared', 'data', 'binance', 'spot_btcusdt_20240808.gz');

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Builds all programs in release mode. */
export async function buildPrograms() {
  const progress = new Progress('building the bench');
  const { code, output } = await runCommand('cargo', ['build', '--release', '--package', 'tercel-bench'], {
    cwd: ROOT,
  });
  progress.finish(code === 0 ? 'done' : 'failed');
  if (code !== 0) {
    throw new SetupFailure(output.trim());
  }
}

/** Ends whatever still runs, stopped ones included. */
export function endPrograms() {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** A running program that answers in lines of JSON. */
export class Program {
  #child;
  #lines;
  #name;
  #exit;

  /**
   * @param {string} name For messages.
   * @param {string} file
   * @param {readonly string[]} args
   */
  constructor(name, file, args) {
    this.#name = name;
    this.#child = spawn(file, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    running.add(this.#child);
    // A program that is gone is found by whoever waits for its next line.
    this.#child.stdin.on('error', () => {});
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', resolve);
      this.#child.once('exit', (code, signal) => {
        running.delete(this.#child);
        resolve(code ?? signal);
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Writes a line to its standard input. */
  tell(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Its next line of JSON. Rejects if it ends or says nothing for too long. */
  async next(patienceMs = PATIENCE_MS) {
    const patience = new AbortController();
    const late = new Promise((_, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.#name} said nothing for ${patienceMs} ms`)), patienceMs);
      patience.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late]);
      if (done) {
        throw new Error(`${this.#name} ended early: ${await this.#exit}`);
      }
      return JSON.parse(value);
    } finally {
      patience.abort();
    }
  }

  /** Ends it: its standard input closes, and if that is not enough it is killed. */
  async end(patienceMs = 5_000) {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#exit;
    clearTimeout(timer);
  }
}

/** Starts one of the programs of bench/. */
export function start(name, args) {
  return new Program(name, BINARY, [name, ...args]);
}

/** Waits for a program's one line of JSON and ends it. */
export async function answerOf(asked, patienceMs) {
  try {
    return await asked.next(patienceMs);
  } finally {
    await asked.end();
  }
}
