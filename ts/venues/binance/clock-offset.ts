// How far the venue's clock is from ours, measured off the path of orders.

/** A venue's clock as seen through requests. */
export interface ClockOffset {
  /** The venue's clock less ours, in milliseconds. */
  readonly offsetMs: number;
  /** Round trip of the sample that was believed; the offset is off by at most half of it. */
  readonly roundTripMs: number;
}

export interface MeasureOptions {
  readonly samples?: number;
  readonly now?: () => number;
}

const DEFAULT_SAMPLES = 5;

/** Asks several times and believes the fastest answer, taking the venue to have looked at its clock half way. */
export async function measureClockOffset(
  venueTime: () => Promise<number>,
  { samples = DEFAULT_SAMPLES, now = () => performance.timeOrigin + performance.now() }: MeasureOptions = {},
): Promise<ClockOffset> {
  let best: ClockOffset | undefined;
  for (let sample = 0; sample < samples; sample += 1) {
    const sent = now();
    const venue = await venueTime();
    const received = now();
    const roundTripMs = received - sent;
    if (best === undefined || roundTripMs < best.roundTripMs) {
      best = { offsetMs: venue - (sent + received) / 2, roundTripMs };
    }
  }
  if (best === undefined) {
    throw new RangeError('a clock offset needs at least one sample');
  }
  return best;
}
