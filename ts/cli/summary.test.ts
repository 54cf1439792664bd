import { expect, test } from 'vitest';

import type { Status, Summary } from '../../bindings/index.d.ts';
import { durationText, emptySummary, statusText, summaryRecord, summaryText } from './summary.ts';

const SUMMARY: Summary = {
  messages: 12_345,
  bookUpdates: 678_901,
  gaps: 0,
  orders: 42,
  fills: 7,
  rejects: [
    { source: 'risk', reason: 'order_rate', count: 3 },
    { source: 'venue', reason: '-2010', count: 1 },
  ],
  positions: [
    {
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      position: '-0.002',
      pnl: '1.25',
      fees: '0.1',
      otherFees: ['0.01 BNB'],
    },
  ],
  stages: [
    { stage: 'receive', p50: 900, p99: 2_000, p999: 3_000, max: 4_000, count: 10 },
    { stage: 'decode', p50: 300, p99: 1_200, p999: 3_000, max: 4_000_000, count: 10, budget: 1_000 },
    { stage: 'send', p50: 0, p99: 0, p999: 0, max: 0, count: 0 },
  ],
  clockReadNs: 25,
  waiting: 'backoff',
  allocations: 0,
  malformed: 0,
  telemetryDropped: 0,
  noticesDropped: 0,
  eventsDropped: 0,
  ordersLeft: 0,
};

test('a run that was stopped before trading has a record of zeros', () => {
  expect(summaryRecord(emptySummary('backoff'), undefined)).toMatchObject({
    messages: 0,
    orders: 0,
    position: '0',
    pnl: '0',
    latency_ns: {},
    waiting: 'backoff',
    failure: null,
  });
});

test('what was lost is named for people where there was something, and counted for machines', () => {
  expect(summaryText(SUMMARY)).not.toContain('lost');
  const lossy = { ...SUMMARY, malformed: 2, noticesDropped: 5 };
  expect(summaryText(lossy)).toMatch(/lost +2 frames could not be decoded\n\s*lost +5 log lines were lost/);
  expect(summaryRecord(lossy, undefined)).toMatchObject({ malformed: 2, dropped: { events: 0, notices: 5 } });
});

test('the record for machines keeps amounts as texts and leaves out stages without a measurement', () => {
  expect(summaryRecord(SUMMARY, undefined)).toMatchObject({
    messages: 12_345,
    book_updates: 678_901,
    gaps: 0,
    orders: 42,
    fills: 7,
    rejects: { venue: { '-2010': 1 }, risk: { order_rate: 3 } },
    position: '-0.002',
    pnl: '1.25',
    latency_ns: {
      receive: { p50: 900, p99: 2_000, p999: 3_000, max: 4_000, count: 10 },
      decode: { p50: 300, p99: 1_200, p999: 3_000, max: 4_000_000, count: 10 },
    },
    waiting: 'backoff',
    failure: null,
  });
  expect(summaryRecord(SUMMARY, undefined).latency_ns).not.toHaveProperty('send');
});

test('the text for people says which budgets were kept', () => {
  const text = summaryText(SUMMARY);
  expect(text).toMatch(/decode +300 ns +1\.2 µs +3\.0 µs +4\.0 ms +10 +1\.0 µs missed/);
  expect(text).toMatch(/receive +900 ns +2\.0 µs +3\.0 µs +4\.0 µs +10$/m);
  expect(text).toContain('position -0.002 BTC, P&L 1.25 USDT');
  expect(text).toContain('3 risk order_rate, 1 venue -2010');
  expect(text).toContain('fees in other assets: 0.01 BNB');
});

test('the status line says so while there is no book', () => {
  const status: Status = {
    messages: 0,
    bookUpdates: 0,
    gaps: 0,
    orders: 0,
    fills: 0,
    venueRejects: 0,
    riskRejects: 0,
    ordersPossible: false,
    synchronised: false,
    allocations: 0,
    killed: false,
    workingOrders: 0,
    instruments: [
      { symbol: 'BTCUSDT', bid: Number.NaN, ask: Number.NaN, position: 0, pnl: 0, stale: true, openOrders: 0 },
    ],
  };
  expect(statusText(status, 61_000)).toMatch(/^01:01 {2}waiting for the book/);
});

test.each([
  [25, '25 ns'],
  [1_500, '1.5 µs'],
  [2_500_000, '2.5 ms'],
])('%d nanoseconds are shown as %s', (nanoseconds, text) => {
  expect(durationText(nanoseconds)).toBe(text);
});
