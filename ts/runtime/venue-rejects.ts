// What the venue refused, by its own codes: the native engine counts all of it, the codes come with the notices.

import type { RejectCount } from '../../bindings/index.d.ts';

/** Counts refusals by code. */
export class VenueRejects {
  readonly #counts = new Map<number, number>();

  /** One more refusal. */
  add(code: number): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  /** The rejects of a summary, with the venue's told apart. Some may be without a code, if notices were lost. */
  tellApart(rejects: readonly RejectCount[]): RejectCount[] {
    const told = [...this.#counts].map(([code, count]) => ({ source: 'venue', reason: String(code), count }));
    const untold = countOf(rejects.filter(({ source }) => source === 'venue')) - countOf(told);
    return [
      ...rejects.filter(({ source }) => source !== 'venue'),
      ...told.sort((one, other) => other.count - one.count),
      ...(untold > 0 ? [{ source: 'venue', reason: 'other', count: untold }] : []),
    ];
  }
}

function countOf(rejects: readonly RejectCount[]): number {
  return rejects.reduce((sum, { count }) => sum + count, 0);
}
