import { describe, expect, test } from 'vitest';

import { EventKind, OrderKind, Side } from './codes.ts';
import { type AnyStrategy, defineStrategy } from './define.ts';
import { StrategyLoop } from './loop.ts';
import { rejection } from './orders.ts';
import { FakeThread } from './testing/fake-thread.ts';

function loopOf(thread: FakeThread, strategy: unknown, parameters: object = {}): StrategyLoop {
  return new StrategyLoop(thread, ['BTCUSDT'], strategy as AnyStrategy, parameters);
}

describe('the strategy loop', () => {
  test('calls each handler with what poll() found', () => {
    const thread = new FakeThread().book(99, 101).event(EventKind.Trade).acknowledge(0).fill(0, 1).stale(true);
    thread.event(EventKind.Stop);
    const seen: string[] = [];
    const strategy = defineStrategy({
      name: 'recorder',
      onStart: () => seen.push('start'),
      onBook: (_ctx, book) => seen.push(`book ${book.midPrice} of ${book.instrument.symbol}`),
      onTrade: () => seen.push('trade'),
      onOrder: (_ctx, order) => seen.push(`order ${order.handle} ${order.status}`),
      onFill: (ctx) => seen.push(`fill, position ${ctx.position(0).quantity}`),
      onStale: (_ctx, book) => seen.push(`stale ${book.isStale}`),
      onStop: () => seen.push('stop'),
    });
    expect(loopOf(thread, strategy).run()).toEqual({ ordersLeft: false, failure: undefined });
    expect(seen).toEqual([
      'start',
      'book 100 of BTCUSDT',
      'trade',
      'order 0 1',
      'order 0 6',
      'fill, position 1',
      'stale true',
      'stop',
    ]);
  });

  test.each(['state', 'onStart', 'onBook'])(
    'contains what %s throws and tells the engine with the place',
    (handler) => {
      const thread = new FakeThread().book(99, 101).book(98, 100);
      let calls = 0;
      const strategy = defineStrategy({
        name: 'thrower',
        [handler]: () => {
          calls += 1;
          throw new TypeError('no such price');
        },
      });
      const outcome = loopOf(thread, strategy).run();
      expect(calls).toBe(1);
      expect(outcome.failure).toMatch(/^TypeError: no such price/);
      expect(thread.failure).toBe(outcome.failure);
    },
  );

  test('an order carries side, kind, price and quantity to native memory', () => {
    const thread = new FakeThread().book(99, 101);
    const strategy = defineStrategy({
      name: 'buyer',
      onBook: (ctx, book) => {
        ctx.orders.postOnly(book.instrument.index, Side.Buy, book.bidPrice, 0.5);
      },
    });
    loopOf(thread, strategy).run();
    expect(thread.sent).toEqual([
      { handle: 0, instrument: 0, side: Side.Buy, kind: OrderKind.PostOnly, price: 99, quantity: 0.5 },
    ]);
  });

  test('a refused order says why and what to do', () => {
    const thread = new FakeThread().book(99, 101);
    thread.refusal = -4;
    let answer = 0;
    const strategy = defineStrategy({
      name: 'refused',
      onBook: (ctx) => {
        answer = ctx.orders.limit(0, Side.Sell, 1, 1);
      },
    });
    loopOf(thread, strategy).run();
    expect(rejection(answer).key).toBe('price_collar');
    expect(rejection(answer).fix).toMatch(/risk\.price_collar_bps/);
  });
});
