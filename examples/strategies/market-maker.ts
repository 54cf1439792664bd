// A two-sided market maker: one post-only bid and one post-only ask around a fair price, both moved against the position
// so that the side which brings it back to flat is the more attractive one.

import { type BookView, type Context, defineStrategy, OrderStatus, parameter, Side } from 'tercel';

const parameters = {
  quantity: parameter.number({ min: 0, default: 0.001, description: 'Size of each quote in base units' }),
  half_spread_bps: parameter.number({ min: 0, max: 1000, default: 0.5, description: 'Distance of a quote from fair' }),
  skew_bps: parameter.number({ min: 0, max: 1000, default: 0.5, description: 'Shift of both quotes at full position' }),
  max_position: parameter.number({ min: 0, default: 0.01, description: 'Position at which one side stops quoting' }),
  requote_ticks: parameter.number({ min: 1, default: 20, description: 'Move of the target that is worth a new price' }),
  requote_interval_ms: parameter.integer({ min: 0, default: 50, description: 'Least time between changes of a side' }),
};

const NO_ORDER = -1;

/** What is remembered for each side; index 0 is the bid, 1 the ask, as in `Side`. Typed arrays are changed in place. */
class Quotes {
  readonly order = new Int32Array([NO_ORDER, NO_ORDER]);
  readonly target = new Float64Array(2);
  readonly changedAt = new Float64Array([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
}

type MakerContext = Context<{ readonly [Name in keyof typeof parameters]: number }, Quotes>;

export default defineStrategy({
  name: 'market-maker',
  parameters,
  state: () => new Quotes(),

  onStart(ctx) {
    ctx.log.info(`quoting ${ctx.parameters.quantity} on both sides of ${ctx.instruments[0]?.symbol}`);
  },

  onBook(ctx, book) {
    if (book.instrument.index !== 0 || book.isStale || !ctx.orders.possible) {
      return;
    }
    setTargets(ctx, book);
    quote(ctx, book, Side.Buy);
    quote(ctx, book, Side.Sell);
  },

  onStale(ctx, book) {
    if (book.isStale) {
      ctx.orders.cancelAll(book.instrument.index);
    }
  },

  onStop(ctx) {
    const position = ctx.positions[0];
    ctx.log.info(`stopping with a position of ${position?.quantity} at ${position?.averageCost}`);
  },
});

/** Where the quotes should stand: around fair, shifted against the position, never across the spread. */
function setTargets(ctx: MakerContext, book: BookView): void {
  const { half_spread_bps, skew_bps, max_position } = ctx.parameters;
  const { instrument } = book;
  const target = ctx.state.target;
  const fair = book.microPrice;
  const load = max_position > 0 ? (ctx.positions[0]?.quantity ?? 0) / max_position : 0;
  const centre = fair - (fair * skew_bps * load) / 10_000;
  const distance = (fair * half_spread_bps) / 10_000;
  const highestBid = book.askPrice - instrument.tick;
  const lowestAsk = book.bidPrice + instrument.tick;
  target[Side.Buy] = instrument.roundDown(Math.min(centre - distance, highestBid));
  target[Side.Sell] = instrument.roundUp(Math.max(centre + distance, lowestAsk));
}

/** Brings one side to its target: a new quote, a moved one, or none where the position is at its limit. */
function quote(ctx: MakerContext, book: BookView, side: Side): void {
  const { state, orders, clock, parameters: settings } = ctx;
  const order = state.order[side] ?? NO_ORDER;
  const target = state.target[side] ?? Number.NaN;
  const since = clock.now - (state.changedAt[side] ?? 0);
  if (since < settings.requote_interval_ms * 1e6 || !Number.isFinite(target)) {
    return;
  }
  if (!orders.isWorking(order)) {
    if (hasRoom(ctx, side)) {
      state.order[side] = orders.postOnly(book.instrument.index, side, target, settings.quantity);
      state.changedAt[side] = clock.now;
    }
    return;
  }
  if (!isSettled(orders.status(order))) {
    return;
  }
  if (!hasRoom(ctx, side)) {
    orders.cancel(order);
    state.changedAt[side] = clock.now;
  } else if (Math.abs(orders.price(order) - target) >= settings.requote_ticks * book.instrument.tick) {
    move(ctx, side, order);
  }
}

/** Cancel-replace; where it is refused the old quote stays and is tried again later. */
function move(ctx: MakerContext, side: Side, order: number): void {
  const { state, orders, clock, parameters: settings } = ctx;
  const replacement = orders.replace(order, state.target[side] ?? Number.NaN, settings.quantity);
  if (replacement >= 0) {
    state.order[side] = replacement;
  }
  state.changedAt[side] = clock.now;
}

/** Whether a fill on this side would keep the position inside its limit. */
function hasRoom(ctx: MakerContext, side: Side): boolean {
  const position = ctx.positions[0]?.quantity ?? 0;
  const signed = side === Side.Buy ? position : -position;
  return signed + ctx.parameters.quantity <= ctx.parameters.max_position;
}

/** Whether nothing is under way for the order. */
function isSettled(status: OrderStatus): boolean {
  return status === OrderStatus.New || status === OrderStatus.PartiallyFilled;
}
