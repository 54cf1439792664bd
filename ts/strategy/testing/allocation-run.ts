// Runs the example market maker over a million events in a process of its own and prints what V8 collected and how much
// its heap grew, as JSON. The native side is played by typed arrays, so all that could allocate is TypeScript.

import { GCProfiler, getHeapStatistics } from 'node:v8';

import marketMaker from '../../../examples/strategies/market-maker.ts';
import { EventKind, OrderStatus } from '../codes.ts';
import type { AnyStrategy } from '../define.ts';
import * as layout from '../layout.ts';
import { StrategyLoop } from '../loop.ts';
import type { NativeThread } from '../memory.ts';
import { readParameters } from '../parameters.ts';

const ROUND_EVENTS = 250_000;
/** V8 compiles beside the running loop and needs time for it, not events: rounds go on until one collects nothing. */
const MOST_WARM_UP_ROUNDS = 40;
const MEASURED_EVENTS = 1_000_000;
const EVENT_INTERVAL_NS = 20e6;
const FILL_EVERY = 7;
const TICK = 0.01;

/** A market that moves, and a venue that acknowledges at once and fills now and then. Allocates nothing itself. */
class BusyMarket implements NativeThread {
  readonly counts = new Int32Array(3);
  readonly #buffer = new ArrayBuffer(layout.WORDS * 8);
  readonly #f64 = new Float64Array(this.#buffer);
  readonly #i32 = new Int32Array(this.#buffer);
  #turn = 0;
  #handle = 0;

  constructor() {
    this.#i32[layout.I32_ORDERS_POSSIBLE] = 1;
    this.#f64[layout.F64_INSTRUMENTS + layout.F64_TICK] = TICK;
    this.#f64[layout.F64_INSTRUMENTS + layout.F64_LOT] = 0.00001;
  }

  memory(): ArrayBuffer {
    return this.#buffer;
  }

  poll(): number {
    this.#turn += 1;
    const filled = this.#handle - 1 - (this.#turn & 1);
    if (this.#turn % FILL_EVERY === 0 && filled >= 0 && this.#status(filled) === OrderStatus.New) {
      return this.#fill(filled);
    }
    const base = layout.F64_INSTRUMENTS;
    const mid = 60_000 + 40 * Math.sin(this.#turn / 50);
    this.#f64[layout.F64_NOW] = (this.#f64[layout.F64_NOW] as number) + EVENT_INTERVAL_NS;
    this.#f64[base + layout.F64_BID_PRICE] = mid - TICK;
    this.#f64[base + layout.F64_ASK_PRICE] = mid + TICK;
    this.#f64[base + layout.F64_BID_QUANTITY] = 1.5;
    this.#f64[base + layout.F64_ASK_QUANTITY] = 2.5;
    return EventKind.Book;
  }

  submit(): number {
    this.counts[0] = (this.counts[0] as number) + 1;
    return this.#accept(this.#i32[layout.I32_COMMAND_SIDE] as number);
  }

  cancel(handle: number): number {
    this.#i32[2 * word(handle) + layout.I32_ORDER_STATUS] = OrderStatus.Canceled;
    return 0;
  }

  replace(handle: number): number {
    this.counts[1] = (this.counts[1] as number) + 1;
    this.cancel(handle);
    return this.#accept(this.#i32[2 * word(handle) + layout.I32_ORDER_SIDE] as number);
  }

  cancelAll(): number {
    return 0;
  }

  setTimer(): void {}
  depth(): void {}
  log(): void {}

  strategyFailed(reason: string): void {
    throw new Error(reason);
  }

  #accept(side: number): number {
    const handle = this.#handle;
    this.#handle = handle + 1;
    const at = word(handle);
    this.#f64[at + layout.F64_ORDER_PRICE] = this.#f64[layout.F64_COMMAND_PRICE] as number;
    this.#f64[at + layout.F64_ORDER_QUANTITY] = this.#f64[layout.F64_COMMAND_QUANTITY] as number;
    this.#i32[2 * at + layout.I32_ORDER_STATUS] = OrderStatus.New;
    this.#i32[2 * at + layout.I32_ORDER_SIDE] = side;
    this.#i32[2 * at + layout.I32_ORDER_HANDLE] = handle;
    return handle;
  }

  #status(handle: number): number {
    return this.#i32[2 * word(handle) + layout.I32_ORDER_STATUS] as number;
  }

  #fill(handle: number): number {
    const at = word(handle);
    const sign = this.#i32[2 * at + layout.I32_ORDER_SIDE] === 0 ? 1 : -1;
    const position = layout.F64_INSTRUMENTS + layout.F64_POSITION;
    const quantity = this.#f64[at + layout.F64_ORDER_QUANTITY] as number;
    this.#f64[position] = (this.#f64[position] as number) + sign * quantity;
    this.#i32[2 * at + layout.I32_ORDER_STATUS] = OrderStatus.Filled;
    this.counts[2] = (this.counts[2] as number) + 1;
    return EventKind.Fill;
  }
}

function word(handle: number): number {
  return layout.F64_ORDERS + (handle & layout.ORDER_SLOT_MASK) * layout.ORDER_WORDS;
}

const market = new BusyMarket();
const strategy = marketMaker as unknown as AnyStrategy;
const read = readParameters(strategy.parameters ?? {}, {});
if (!('values' in read)) {
  throw new Error('the example has a parameter without a default');
}
const loop = new StrategyLoop(market, ['BTCUSDT'], strategy, read.values);
let warmUpRounds = 0;
while (warmUpRounds < MOST_WARM_UP_ROUNDS && measure(ROUND_EVENTS).collections > 0) {
  warmUpRounds += 1;
}
market.counts.fill(0);
const { collections, heapGrowth } = measure(MEASURED_EVENTS);
const [orders, replacements, fills] = market.counts;
process.stdout.write(
  `${JSON.stringify({ events: MEASURED_EVENTS, orders, replacements, fills, collections, heapGrowth, warmUpRounds })}\n`,
);

function measure(events: number): { collections: number; heapGrowth: number } {
  const profiler = new GCProfiler();
  const heapBefore = getHeapStatistics().used_heap_size;
  profiler.start();
  turn(events);
  const { statistics } = profiler.stop() ?? { statistics: [] };
  return { collections: statistics.length, heapGrowth: getHeapStatistics().used_heap_size - heapBefore };
}

/** Apart from the measuring, so that its compiled code is kept from one round to the next. */
function turn(events: number): void {
  for (let event = 0; event < events; event += 1) {
    loop.step();
  }
}
