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

/** One side's quote. Prices and times start as doubles, so that they are overwritten in place ever after. */
class Quote {
  readonly side: Side;
  order = NO_ORDER;
  /** What `order` was to replace. Where the venue refuses that, this one works on and is the quote again. */
  replaced = NO_ORDER;
  target = Number.NaN;
  changedAt = Number.NEGATIVE_INFINITY;

  constructor(side: Side) {
    this.side = side;
  }
}

type Settings = { readonly [Name in keyof typeof parameters]: number };
type Maker = Context<Settings, { readonly bid: Quote; readonly ask: Quote }>;

export default defineStrategy({
  name: 'market-maker',
  parameters,
  state: () => ({ bid: new Quote(Side.Buy), ask: new Quote(Side.Sell) }),

  onStart(ctx) {
    ctx.log.info(`quoting ${ctx.parameters.quantity} on both sides of ${ctx.instruments[0]?.symbol}`);
  },

  onBook(ctx, book) {
    if (book.instrument.index !== 0 || book.isStale || !ctx.orders.possible) {
      return;
    }
    setTargets(ctx, book);
    update(ctx, book, ctx.state.bid);
    update(ctx, book, ctx.state.ask);
  },

  onStale(ctx, book) {
    if (book.isStale) {
      ctx.orders.cancelAll(book.instrument.index);
    }
  },

  onStop(ctx) {
    const { quantity, averageCost } = ctx.position(0);
    ctx.log.info(`stopping with a position of ${quantity} at ${averageCost.toFixed(2)}`);
  },
});

/** Where the quotes should stand: around fair, shifted against the position, never across the spread. */
function setTargets(ctx: Maker, book: BookView): void {
  const { half_spread_bps, skew_bps, max_position } = ctx.parameters;
  const { instrument } = book;
  const fair = book.microPrice;
  const load = ctx.position(0).quantity / Math.max(max_position, instrument.lot);
  const centre = fair - (fair * skew_bps * load) / 10_000;
  const distance = (fair * half_spread_bps) / 10_000;
  const highestBid = book.askPrice - instrument.tick;
  const lowestAsk = book.bidPrice + instrument.tick;
  ctx.state.bid.target = instrument.roundDown(Math.min(centre - distance, highestBid));
  ctx.state.ask.target = instrument.roundUp(Math.max(centre + distance, lowestAsk));
}

/** Brings one side to its target: a new quote, a moved one, or none where the position is at its limit. */
function update(ctx: Maker, book: BookView, quote: Quote): void {
  const { orders, clock, parameters: settings } = ctx;
  const isDue = clock.now - quote.changedAt >= settings.requote_interval_ms * 1e6;
  if (!isDue || Number.isNaN(quote.target)) {
    return;
  }
  if (!orders.isWorking(quote.order)) {
    quote.order = quote.replaced;
    quote.replaced = NO_ORDER;
  }
  if (!orders.isWorking(quote.order)) {
    place(ctx, quote);
  } else if (isSettled(orders.status(quote.order))) {
    const distance = Math.abs(orders.price(quote.order) - quote.target);
    if (!hasRoom(ctx, quote.side)) {
      orders.cancel(quote.order);
    } else if (distance >= settings.requote_ticks * book.instrument.tick) {
      move(ctx, quote);
    }
  }
}

function place(ctx: Maker, quote: Quote): void {
  if (hasRoom(ctx, quote.side)) {
    quote.order = ctx.orders.postOnly(0, quote.side, quote.target, ctx.parameters.quantity);
    quote.changedAt = ctx.clock.now;
  }
}

/** Cancel-replace; where risk or the venue refuses it, the old quote stays and is tried again later. */
function move(ctx: Maker, quote: Quote): void {
  const replacement = ctx.orders.replace(quote.order, quote.target, ctx.parameters.quantity);
  if (replacement >= 0) {
    quote.replaced = quote.order;
    quote.order = replacement;
  }
  quote.changedAt = ctx.clock.now;
}

/** Whether a fill on this side would keep the position inside its limit. */
function hasRoom(ctx: Maker, side: Side): boolean {
  const { quantity } = ctx.position(0);
  const towards = side === Side.Buy ? quantity : -quantity;
  return towards + ctx.parameters.quantity <= ctx.parameters.max_position;
}

/** Whether nothing is under way for the order. */
function isSettled(status: OrderStatus): boolean {
  return status === OrderStatus.New || status === OrderStatus.PartiallyFilled;
}
