import { describe, expect, test, vi } from 'vitest';

import type { Engine } from '../../bindings/index.d.ts';
import { isRaceWithTheMarket, VenueError } from '../venues/binance/errors.ts';
import type { BinanceRest } from '../venues/binance/rest.ts';
import { Answers } from './answers.ts';
import { Connection } from './connection.ts';
import { type Log, makeLog } from './log.ts';
import { decimalText } from './native-config.ts';
import { Repeats } from './repeats.ts';
import { VenueRejects } from './venue-rejects.ts';

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('a connection', () => {
  test('is made again until it succeeds', async () => {
    let attempts = 0;
    const connect = async (): Promise<void> => {
      attempts += 1;
      if (attempts < 3) {
        throw new Error('refused');
      }
    };
    const onGivenUp = vi.fn();
    await new Connection({ name: 'orders', connect, log: SILENT, onGivenUp }).reopen();
    expect(attempts).toBe(3);
    expect(onGivenUp).not.toHaveBeenCalled();
  });

  test('that is lost while it is made again is made once more, one after the other', async () => {
    let open = 0;
    const connect = vi.fn(async () => {
      open += 1;
      expect(open).toBe(1);
      await new Promise(setImmediate);
      open -= 1;
    });
    const connection = new Connection({ name: 'orders', connect, log: SILENT, onGivenUp: () => {} });
    await Promise.all([connection.reopen(), connection.reopen(), connection.reopen()]);
    expect(connect).toHaveBeenCalledTimes(2);
  });

  test('is not made again after it was closed', async () => {
    const connect = vi.fn(async () => {});
    const connection = new Connection({ name: 'orders', connect, log: SILENT, onGivenUp: () => {} });
    connection.close();
    await connection.reopen();
    expect(connect).not.toHaveBeenCalled();
  });
});

describe('answers', () => {
  const refusal = new VenueError({
    kind: 'refused',
    request: 'GET /',
    status: 400,
    code: -1121,
    reason: 'Invalid symbol.',
  });

  function answersOf(depth: () => Promise<Uint8Array>): {
    answers: Answers;
    applySnapshot: ReturnType<typeof vi.fn>;
    onRefused: ReturnType<typeof vi.fn>;
  } {
    const applySnapshot = vi.fn();
    const onRefused = vi.fn();
    const engine = { applySnapshot } as unknown as Engine;
    const rest = { depth } as unknown as BinanceRest;
    return {
      answers: new Answers({ engine, rest, symbols: ['BTCUSDT'], log: SILENT, onRefused }),
      applySnapshot,
      onRefused,
    };
  }

  test('a snapshot asked for twice is fetched once', async () => {
    const depth = vi.fn(async () => new Uint8Array([1]));
    const { answers, applySnapshot } = answersOf(depth);
    await Promise.all([answers.snapshot(0), answers.snapshot(0)]);
    expect(depth).toHaveBeenCalledTimes(1);
    expect(applySnapshot).toHaveBeenCalledExactlyOnceWith(0, new Uint8Array([1]));
  });

  test('a refused snapshot ends the run with the reason', async () => {
    const { answers, applySnapshot, onRefused } = answersOf(() => Promise.reject(refusal));
    await answers.snapshot(0);
    expect(onRefused).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('Invalid symbol.'));
    expect(applySnapshot).not.toHaveBeenCalled();
  });

  test('what is missed while the account is read is asked for once more', async () => {
    const bytes = (text: string): Uint8Array => Buffer.from(text);
    const myTrades = vi.fn(async () => bytes('[]'));
    const rest = { myTrades, openOrders: async () => bytes('[]'), account: async () => bytes('{"balances":[]}') };
    const reconcile = vi.fn();
    const engine = { now: () => 0, reconcile };
    const answers = new Answers({
      engine: engine as unknown as Engine,
      rest: rest as unknown as BinanceRest,
      symbols: ['BTCUSDT'],
      log: SILENT,
      onRefused: () => {},
    });
    await Promise.all([answers.reconcileAgain(), answers.reconcileAgain(), answers.reconcileAgain()]);
    expect(myTrades).toHaveBeenCalledTimes(2);
    expect(reconcile).toHaveBeenCalledTimes(2);
  });

  test('an answer that comes after the end is dropped', async () => {
    const { answers, applySnapshot } = answersOf(async () => new Uint8Array([1]));
    const fetched = answers.snapshot(0);
    answers.close();
    await fetched;
    expect(applySnapshot).not.toHaveBeenCalled();
  });
});

test('lines of one kind are held back and counted', () => {
  let now = 0;
  const lines: string[] = [];
  const repeats = new Repeats(() => now);
  for (const [at, kind] of [
    [0, 'gap'],
    [10, 'gap'],
    [20, 'malformed'],
    [30, 'gap'],
    [6_000, 'gap'],
  ] as const) {
    now = at;
    repeats.write(kind, `${kind} at ${at}`, (line) => lines.push(line));
  }
  expect(lines).toEqual(['gap at 0', 'malformed at 20', 'gap at 6000 (and 2 more like it before)']);
});

test('what the venue refused is told apart by its codes, as far as they are known', () => {
  const rejects = new VenueRejects();
  for (const code of [-2010, -2011, -2011]) {
    rejects.add(code);
  }
  const risk = { source: 'risk', reason: 'order_rate', count: 2 };
  expect(rejects.tellApart([risk, { source: 'venue', reason: 'venue', count: 4 }])).toEqual([
    risk,
    { source: 'venue', reason: '-2011', count: 2 },
    { source: 'venue', reason: '-2010', count: 1 },
    { source: 'venue', reason: 'other', count: 1 },
  ]);
});

test.each([
  [-2010, 'order refused: Order would immediately match and take. (-2010)', true],
  [-2010, 'order refused: Account has insufficient balance for requested action. (-2010)', false],
  [-2011, 'replace refused: Unknown order sent. (-2011)', true],
  [-1015, 'order refused: Too many new orders. (-1015)', false],
])('of refusal %i, %s, being a race with the market is %s', (code, text, expected) => {
  expect(isRaceWithTheMarket(code, text)).toBe(expected);
});

describe('log lines', () => {
  test('are readable, and nothing in them steers the terminal', () => {
    const lines: string[] = [];
    makeLog({ level: 'info', format: 'text' }, (line) => lines.push(line)).warn('gap \x1b[31mr\red\b');
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} warn {2}gap red\n$/)]);
  });

  test('are JSON for machines, and quiet below the level', () => {
    const lines: string[] = [];
    const log = makeLog({ level: 'warn', format: 'json' }, (line) => lines.push(line));
    log.info('not this');
    log.error('this');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['this']);
  });
});

test.each([
  [0.05, '0.05'],
  [1e-7, '0.0000001'],
  [200_000, '200000'],
  ['0.00000001', '0.00000001'],
])('the amount %s reaches the engine as %s', (amount, text) => {
  expect(decimalText(amount)).toBe(text);
});
