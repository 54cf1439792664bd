import { describe, expect, test } from 'vitest';

import { RollingWindow } from './window.ts';

/** A generator that gives the same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function expected(values: readonly number[]): { mean: number; stddev: number; min: number; max: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, stddev: Math.sqrt(squares / (values.length - 1)), min: Math.min(...values), max: Math.max(...values) };
}

describe('a rolling window', () => {
  test('says NaN while it is empty', () => {
    const window = new RollingWindow(3);
    expect([window.mean, window.stddev, window.min, window.max, window.ewma, window.at(0)]).toEqual(
      Array.from({ length: 6 }, () => Number.NaN),
    );
  });

  test.each([1, 2, 3, 7, 50])('of %i values agrees with a plain calculation over the last values', (capacity) => {
    const next = random(capacity);
    const window = new RollingWindow(capacity);
    const values: number[] = [];
    for (let step = 0; step < 500; step += 1) {
      const value = 60_000 + 5 * Math.round(20 * next());
      window.push(value);
      values.push(value);
      const last = values.slice(-capacity);
      const { mean, stddev, min, max } = expected(last);
      expect(window.count).toBe(last.length);
      expect(window.mean).toBeCloseTo(mean, 7);
      expect([window.min, window.max]).toEqual([min, max]);
      if (last.length > 1) {
        expect(window.stddev).toBeCloseTo(stddev, 6);
      }
      expect(window.at(0)).toBe(value);
      expect(window.at(last.length - 1)).toBe(last[0]);
    }
  });

  test('keeps its figures exact over a million pushes of large prices', () => {
    const window = new RollingWindow(100);
    const next = random(1);
    const values: number[] = [];
    for (let step = 0; step < 1_000_000; step += 1) {
      const value = 1e6 + next();
      window.push(value);
      values[step % 100] = value;
    }
    const { mean, stddev } = expected(values);
    expect(window.mean).toBeCloseTo(mean, 8);
    expect(window.stddev).toBeCloseTo(stddev, 8);
  });

  test('weights newer values more in its exponential average', () => {
    const window = new RollingWindow(10, 3);
    for (const value of [10, 20, 30]) {
      window.push(value);
    }
    expect(window.ewma).toBe(22.5);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a capacity of %d', (capacity) => {
    expect(() => new RollingWindow(capacity)).toThrow(/whole capacity of at least 1/);
  });
});
