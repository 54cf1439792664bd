// Log lines that say the same again and again: the first is written at once, what follows within a while is only counted.

const WINDOW_MS = 5_000;

interface Repeated {
  readonly writtenAt: number;
  withheld: number;
}

/** Holds back lines of one kind that follow each other too fast. */
export class Repeats {
  readonly #kinds = new Map<string, Repeated>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Writes a line, unless one of its kind was written a moment ago; then says how many were held back. */
  write(kind: string, line: string, write: (line: string) => void): void {
    const now = this.#now();
    const last = this.#kinds.get(kind);
    if (last !== undefined && now - last.writtenAt < WINDOW_MS) {
      last.withheld += 1;
      return;
    }
    this.#kinds.set(kind, { writtenAt: now, withheld: 0 });
    const withheld = last?.withheld ?? 0;
    write(withheld === 0 ? line : `${line} (and ${withheld} more like it before)`);
  }
}
