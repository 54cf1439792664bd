import { expect, test } from 'vitest';

import { Side } from '../../ts/strategy/codes.ts';
import type { AnyStrategy } from '../../ts/strategy/define.ts';
import { StrategyLoop } from '../../ts/strategy/loop.ts';
import { FakeThread } from '../../ts/strategy/testing/fake-thread.ts';
import marketMaker from './market-maker.ts';

const SETTINGS = {
  quantity: 0.01,
  half_spread_bps: 1,
  skew_bps: 2,
  max_position: 0.02,
  requote_ticks: 5,
  requote_interval_ms: 0,
};

function run(thread: FakeThread): FakeThread {
  new StrategyLoop(thread, ['BTCUSDT'], marketMaker as unknown as AnyStrategy, SETTINGS).run();
  return thread;
}

test('quotes both sides at the half spread around fair', () => {
  const { sent } = run(new FakeThread().book(9_999, 10_001));
  expect(sent.map(({ side, price }) => ({ side, price }))).toEqual([
    { side: Side.Buy, price: expect.closeTo(9_999, 6) },
    { side: Side.Sell, price: expect.closeTo(10_001, 6) },
  ]);
});

test('stays behind the opposite best price in a narrow market', () => {
  const { sent } = run(new FakeThread().book(9_999.99, 10_000));
  expect(sent[0]?.price).toBeLessThan(10_000);
  expect(sent[1]?.price).toBeGreaterThan(9_999.99);
});

test('moves quotes that are far from their target and leaves the others', () => {
  const thread = new FakeThread().book(9_999, 10_001).acknowledge(0).acknowledge(1);
  run(thread.book(9_999.01, 10_001.01).book(10_009, 10_011));
  expect(thread.sent).toHaveLength(2);
  expect(thread.replaced.map(({ handle }) => handle)).toEqual([0, 1]);
});

test('goes back to the old quote where the venue refuses its replacement', () => {
  const thread = new FakeThread().book(9_999, 10_001).acknowledge(0).acknowledge(1).book(10_009, 10_011);
  run(thread.refuse(2).acknowledge(0).book(10_019, 10_021));
  expect(thread.replaced.map(({ handle }) => handle)).toEqual([0, 1, 0]);
  expect(thread.sent).toHaveLength(2);
});

test('shifts both quotes down while it is long', () => {
  const thread = new FakeThread().book(9_999, 10_001).acknowledge(0).acknowledge(1).fill(0, 0.01);
  run(thread.book(9_999, 10_001));
  expect(thread.sent[2]?.price).toBeCloseTo(9_998, 6);
  expect(thread.replaced[0]?.price).toBeCloseTo(10_000, 6);
});

test('stops buying at its position limit', () => {
  const thread = new FakeThread().book(9_999, 10_001).acknowledge(0).acknowledge(1).fill(0, 0.02);
  run(thread.book(9_999, 10_001));
  expect(thread.sent.filter(({ side }) => side === Side.Buy)).toHaveLength(1);
});

test('cancels everything when the book is stale, and does not quote on it', () => {
  const thread = run(new FakeThread().book(9_999, 10_001).stale(true).book(9_000, 9_002));
  expect(thread.cancelled).toEqual([0]);
  expect(thread.sent).toHaveLength(2);
});
