// One connection of the engine, kept up: made again with growing pauses after it was lost, given up after a bound.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Log } from './log.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A venue that cannot be reached for this long is given up: better flat and told than trying in the dark. */
const GIVE_UP_AFTER_MS = 60_000;

export interface ConnectionOptions {
  /** For messages: `market data` or `orders`. */
  readonly name: string;
  /** Connects and does what has to follow at once; rejects with the reason. */
  readonly connect: () => Promise<void>;
  readonly log: Log;
  /** Called once when reconnecting has been given up. */
  readonly onGivenUp: (reason: string) => void;
}

/** Keeps one connection up. */
export class Connection {
  readonly #options: ConnectionOptions;
  #reconnecting = false;
  /** Whether a loss was told during the attempt under way. */
  #lostMeanwhile = false;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The first connection: a failure is the caller's to tell. */
  open(): Promise<void> {
    return this.#options.connect();
  }

  /** The connection was lost: makes another. A loss that is told while that is under way may be the new one's. */
  async reopen(): Promise<void> {
    if (this.#reconnecting || this.#closed) {
      this.#lostMeanwhile = true;
      return;
    }
    this.#reconnecting = true;
    const reason = await this.#attempts();
    this.#reconnecting = false;
    if (reason !== undefined && !this.#closed) {
      this.#options.onGivenUp(reason);
    }
  }

  /** No further attempts. */
  close(): void {
    this.#closed = true;
  }

  /** Undefined once connected or closed, else why it was given up. */
  async #attempts(): Promise<string | undefined> {
    const { name, log } = this.#options;
    const started = performance.now();
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const reason = await this.#attempt();
      if (reason === undefined) {
        log.info(`${name}: connected again`);
        return undefined;
      }
      if (performance.now() - started > GIVE_UP_AFTER_MS) {
        return `${name}: could not connect again within ${GIVE_UP_AFTER_MS / 1000} s: ${reason}`;
      }
      log.warn(`${name}: ${reason}; trying again`);
      await sleep(pause);
    }
    return undefined;
  }

  /** Undefined once connected, else why not. */
  async #attempt(): Promise<string | undefined> {
    this.#lostMeanwhile = false;
    try {
      await this.#options.connect();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return this.#lostMeanwhile ? 'the new connection was lost at once' : undefined;
  }
}
