// Progress of something long: one line that updates in place in a terminal, a line now and then anywhere else.

const TERMINAL_INTERVAL_MS = 200;
const QUIET_INTERVAL_MS = 20_000;

/** Shows what goes on, with the time it has taken. Writes to standard error: standard output belongs to the command. */
export class Progress {
  #title;
  #detail = '';
  #started = Date.now();
  #timer;
  #terminal = process.stderr.isTTY === true;

  /** @param {string} title */
  constructor(title) {
    this.#title = title;
    this.#show();
    this.#timer = setInterval(() => this.#show(), this.#terminal ? TERMINAL_INTERVAL_MS : QUIET_INTERVAL_MS);
  }

  /** @param {string} detail */
  update(detail) {
    this.#detail = detail;
  }

  /** @param {string} outcome */
  finish(outcome) {
    clearInterval(this.#timer);
    const line = `${this.#title}: ${outcome} (${elapsedText(this.#started)})`;
    process.stderr.write(this.#terminal ? `\r\x1b[K${line}\n` : `${line}\n`);
  }

  #show() {
    const detail = this.#detail === '' ? '' : `: ${this.#detail}`;
    const elapsed = Date.now() - this.#started < 1000 ? '' : ` ${elapsedText(this.#started)}`;
    const line = `${this.#title} …${elapsed}${detail}`;
    if (this.#terminal) {
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    } else {
      process.stderr.write(`${line}\n`);
    }
  }
}

/** @param {number} started */
export function elapsedText(started) {
  const seconds = Math.floor((Date.now() - started) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
