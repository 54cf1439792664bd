// Rolling statistics over the last values of something, without allocation after construction.
//
// `push` stores the value in a typed array and then calls a method without arguments. A number with decimals that is
// passed to a function that the compiler does not inline is put on the heap; `push` itself is small enough to be inlined.

const INCOMING = 0;
const MEAN = 1;
const SQUARED_DEVIATIONS = 2;
const EWMA = 3;
const STATISTICS = 4;

/** Mean, standard deviation, least, greatest and exponentially weighted average of the last `capacity` values. */
export class RollingWindow {
  /** How many values the window holds when full. */
  readonly capacity: number;
  readonly #values: Float64Array;
  readonly #statistics: Float64Array;
  readonly #least: ExtremeQueue;
  readonly #greatest: ExtremeQueue;
  readonly #smoothing: number;
  #count = 0;
  #next = 0;

  /**
   * @param capacity How many values, at least 1.
   * @param ewmaSpan Span of the exponentially weighted average: its smoothing factor is 2 / (span + 1).
   */
  constructor(capacity: number, ewmaSpan: number = capacity) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`a window needs a whole capacity of at least 1, not ${capacity}`);
    }
    if (!(ewmaSpan >= 1)) {
      throw new RangeError(`the span of an exponentially weighted average must be at least 1, not ${ewmaSpan}`);
    }
    this.capacity = capacity;
    this.#values = new Float64Array(capacity);
    this.#statistics = new Float64Array(STATISTICS);
    this.#least = new ExtremeQueue(this.#values, 1);
    this.#greatest = new ExtremeQueue(this.#values, -1);
    this.#smoothing = 2 / (ewmaSpan + 1);
  }

  /** Takes a value in; the oldest leaves when the window is full. The value must be finite. */
  push(value: number): void {
    this.#statistics[INCOMING] = value;
    this.#advance();
  }

  /** How many values the window holds. */
  get count(): number {
    return this.#count;
  }

  /** Whether the window holds as many values as it can. */
  get isFull(): boolean {
    return this.#count === this.capacity;
  }

  /** The value `age` pushes ago, 0 being the newest; NaN beyond what the window holds. */
  at(age: number): number {
    if (age < 0 || age >= this.#count) {
      return Number.NaN;
    }
    const index = this.#next - 1 - age;
    return this.#values[index < 0 ? index + this.capacity : index] as number;
  }

  /** Arithmetic mean; NaN while empty. */
  get mean(): number {
    return this.#count === 0 ? Number.NaN : (this.#statistics[MEAN] as number);
  }

  /** Sample standard deviation (divisor n - 1); NaN with fewer than two values. */
  get stddev(): number {
    if (this.#count < 2) {
      return Number.NaN;
    }
    return Math.sqrt(Math.max(0, this.#statistics[SQUARED_DEVIATIONS] as number) / (this.#count - 1));
  }

  /** The least value; NaN while empty. */
  get min(): number {
    return this.#least.best();
  }

  /** The greatest value; NaN while empty. */
  get max(): number {
    return this.#greatest.best();
  }

  /** Exponentially weighted average of all values ever pushed, starting from the first; NaN while empty. */
  get ewma(): number {
    return this.#count === 0 ? Number.NaN : (this.#statistics[EWMA] as number);
  }

  #advance(): void {
    const statistics = this.#statistics;
    const slot = this.#next;
    const value = statistics[INCOMING] as number;
    const average = statistics[EWMA] as number;
    statistics[EWMA] = this.#count === 0 ? value : average + this.#smoothing * (value - average);
    if (this.#count === this.capacity) {
      this.#exchange(slot);
      this.#least.leave(slot);
      this.#greatest.leave(slot);
    } else {
      this.#add();
    }
    this.#values[slot] = value;
    this.#least.enter(slot);
    this.#greatest.enter(slot);
    this.#next = slot + 1 === this.capacity ? 0 : slot + 1;
    if (this.#next === 0) {
      this.#recompute();
    }
  }

  /** Welford's step for a growing window. */
  #add(): void {
    const statistics = this.#statistics;
    const value = statistics[INCOMING] as number;
    const mean = statistics[MEAN] as number;
    this.#count += 1;
    const moved = mean + (value - mean) / this.#count;
    statistics[MEAN] = moved;
    statistics[SQUARED_DEVIATIONS] = (statistics[SQUARED_DEVIATIONS] as number) + (value - mean) * (value - moved);
  }

  /** The same for a full window, where one value takes the place of another. */
  #exchange(slot: number): void {
    const statistics = this.#statistics;
    const value = statistics[INCOMING] as number;
    const oldest = this.#values[slot] as number;
    const mean = statistics[MEAN] as number;
    const moved = mean + (value - oldest) / this.#count;
    statistics[MEAN] = moved;
    statistics[SQUARED_DEVIATIONS] =
      (statistics[SQUARED_DEVIATIONS] as number) + (value - oldest) * (value - moved + oldest - mean);
  }

  /** Once a round: rounding errors of the running figures do not pile up beyond one window. */
  #recompute(): void {
    const values = this.#values;
    let sum = 0;
    for (let index = 0; index < values.length; index += 1) {
      sum += values[index] as number;
    }
    const mean = sum / values.length;
    let squares = 0;
    for (let index = 0; index < values.length; index += 1) {
      const deviation = (values[index] as number) - mean;
      squares += deviation * deviation;
    }
    this.#statistics[MEAN] = mean;
    this.#statistics[SQUARED_DEVIATIONS] = squares;
  }
}

/**
 * The slots that may still become the least (direction 1) or greatest (-1) value of a window, oldest first, values
 * monotonic: each push costs a constant amount of work on average.
 */
class ExtremeQueue {
  readonly #values: Float64Array;
  readonly #direction: number;
  readonly #slots: Int32Array;
  #head = 0;
  #length = 0;

  constructor(values: Float64Array, direction: 1 | -1) {
    this.#values = values;
    this.#direction = direction;
    this.#slots = new Int32Array(values.length);
  }

  best(): number {
    return this.#length === 0 ? Number.NaN : (this.#values[this.#slots[this.#head] as number] as number);
  }

  /** The value in `slot` is about to be overwritten. */
  leave(slot: number): void {
    if (this.#length > 0 && this.#slots[this.#head] === slot) {
      this.#head = this.#head + 1 === this.#slots.length ? 0 : this.#head + 1;
      this.#length -= 1;
    }
  }

  /** The value in `slot` is new. */
  enter(slot: number): void {
    const values = this.#values;
    const value = (values[slot] as number) * this.#direction;
    while (this.#length > 0 && (values[this.#slots[this.#tail(-1)] as number] as number) * this.#direction >= value) {
      this.#length -= 1;
    }
    this.#slots[this.#tail(0)] = slot;
    this.#length += 1;
  }

  #tail(offset: number): number {
    const index = this.#head + this.#length + offset;
    return index >= this.#slots.length ? index - this.#slots.length : index;
  }
}
