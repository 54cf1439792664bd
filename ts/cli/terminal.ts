// The terminal: log lines that scroll, and below them one status line that is drawn again in place.

const CLEAR_LINE = '\r\x1b[K';

/** Lines on standard error, with a status line below them where it is a terminal. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  #status = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Whether a status line would be seen. */
  get isLive(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes a finished line, ending included. */
  write(line: string): void {
    this.#stream.write(this.#status === '' ? line : `${CLEAR_LINE}${line}${this.#status}`);
  }

  /** Draws the status line; nothing where there is no terminal. */
  status(text: string): void {
    if (this.isLive) {
      this.#status = text.slice(0, Math.max(0, (this.#stream.columns ?? 80) - 1));
      this.#stream.write(`${CLEAR_LINE}${this.#status}`);
    }
  }

  /** Takes the status line away. */
  clearStatus(): void {
    if (this.#status !== '') {
      this.#status = '';
      this.#stream.write(CLEAR_LINE);
    }
  }
}
