// The example market maker under observation: it counts the events that its handlers are called for and, once V8 has
// compiled what is hot, what V8 collects and how much its heap grows over a number of them.

import { writeFileSync } from 'node:fs';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { defineStrategy, parameter } from 'tercel';

import marketMaker from '../../../examples/strategies/market-maker.ts';

/** What was observed, as it is written to the file. */
export interface Observation {
  readonly events: number;
  readonly fills: number;
  readonly collections: number;
  readonly heapGrowth: number;
  readonly warmUpRounds: number;
}

/**
 * V8 compiles beside the running loop and needs time for it, not events: rounds go on until some in a row leave the heap
 * as it was, but for what looking at it costs.
 */
const ROUND_EVENTS = 25_000;
const QUIET_ROUNDS = 4;
const QUIET_HEAP_GROWTH_BYTES = 1024;
const NEVER = -1;

interface ObserverOptions {
  readonly file: string;
  readonly measured_events: number;
  readonly most_warm_up_rounds: number;
}

/** Counts events; between two looks it only adds. */
class Observer {
  readonly #file: string;
  readonly #measuredEvents: number;
  readonly #mostWarmUpRounds: number;
  #profiler = new GCProfiler();
  #events = 0;
  #fills = 0;
  #end = ROUND_EVENTS;
  #warmUpRounds = 0;
  #quietRounds = 0;
  #isMeasuring = false;
  #heapBefore = 0;

  constructor({ file, measured_events, most_warm_up_rounds }: ObserverOptions) {
    this.#file = file;
    this.#measuredEvents = measured_events;
    this.#mostWarmUpRounds = most_warm_up_rounds;
  }

  fill(): void {
    this.#fills += 1;
    this.event();
  }

  event(): void {
    this.#events += 1;
    if (this.#events === this.#end) {
      this.#look();
    }
  }

  #look(): void {
    const heapGrowth = getHeapStatistics().used_heap_size - this.#heapBefore;
    const collections = this.#profiler.stop()?.statistics.length ?? Number.NaN;
    if (this.#isMeasuring) {
      this.#tell({ collections, heapGrowth });
      this.#end = NEVER;
      return;
    }
    this.#warmUpRounds += 1;
    this.#quietRounds = Math.abs(heapGrowth) < QUIET_HEAP_GROWTH_BYTES ? this.#quietRounds + 1 : 0;
    this.#isMeasuring = this.#quietRounds === QUIET_ROUNDS || this.#warmUpRounds === this.#mostWarmUpRounds;
    this.#end = this.#isMeasuring ? this.#measuredEvents : ROUND_EVENTS;
    this.#events = 0;
    this.#fills = 0;
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    this.#heapBefore = getHeapStatistics().used_heap_size;
  }

  #tell(cost: { readonly collections: number; readonly heapGrowth: number }): void {
    const counts = { events: this.#events, fills: this.#fills, warmUpRounds: this.#warmUpRounds };
    const observation: Observation = { ...counts, ...cost };
    writeFileSync(this.#file, JSON.stringify(observation));
  }
}

type Maker = Required<typeof marketMaker>;
const maker = marketMaker as Maker;

export default defineStrategy({
  name: 'observed-maker',
  parameters: {
    ...maker.parameters,
    file: parameter.string({ description: 'Where the observation goes as soon as it is complete' }),
    measured_events: parameter.integer({ min: 1 }),
    most_warm_up_rounds: parameter.integer({ min: 1, default: 200 }),
    garbage: parameter.boolean({
      default: false,
      description: 'Make a new object for every trade, the commonest event',
    }),
  },
  state: (parameters) => ({
    ...maker.state(parameters),
    observer: new Observer(parameters),
    kept: [] as number[],
  }),
  onStart: (ctx) => maker.onStart(ctx),
  onBook(ctx, book) {
    ctx.state.observer.event();
    maker.onBook(ctx, book);
  },
  onTrade(ctx) {
    ctx.state.observer.event();
    if (ctx.parameters.garbage) {
      ctx.state.kept = [ctx.clock.now];
    }
  },
  onOrder: (ctx) => ctx.state.observer.event(),
  onFill: (ctx) => ctx.state.observer.fill(),
  onStale: (ctx, book) => maker.onStale(ctx, book),
  onStop: (ctx) => maker.onStop(ctx),
});
