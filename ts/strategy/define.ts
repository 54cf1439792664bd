// The one function that a strategy file calls.

import type { Context } from './context.ts';
import type { ParameterDeclarations, ParameterValues } from './parameters.ts';
import type { BookView, FillView, OrderView, TradeView } from './views.ts';

/**
 * What a strategy is made of. Every handler is synchronous, runs on the trading thread and must return soon: while it
 * runs, nothing is received. A handler that throws ends the strategy's trading: its orders are cancelled.
 */
export interface StrategyDefinition<Declarations extends ParameterDeclarations, State> {
  readonly name: string;
  readonly parameters?: Declarations;
  /**
   * Makes what the strategy remembers between events; called once, before `onStart`. Prices that change with every
   * event belong into fields of an object that start as NaN, or into a Float64Array: there they are overwritten in
   * place. A changed `let` outside of the handlers, or a field that starts as `undefined`, puts each new price on the
   * heap.
   */
  readonly state?: (parameters: ParameterValues<Declarations>) => State;
  /** The engine runs. Books may not be there yet, orders may not be possible yet. */
  readonly onStart?: (ctx: Context<ParameterValues<Declarations>, State>) => void;
  /**
   * The best prices or the depth of a book changed. A book that was just fetched is brought to the present change by
   * change; until it is there, `book.isStale` says so.
   */
  readonly onBook?: (ctx: Context<ParameterValues<Declarations>, State>, book: BookView) => void;
  /** Somebody traded. */
  readonly onTrade?: (ctx: Context<ParameterValues<Declarations>, State>, trade: TradeView) => void;
  /** One of the strategy's orders changed its state. */
  readonly onOrder?: (ctx: Context<ParameterValues<Declarations>, State>, order: OrderView) => void;
  /** One of the strategy's orders was filled; the position counts it already. */
  readonly onFill?: (ctx: Context<ParameterValues<Declarations>, State>, fill: FillView) => void;
  /** A timer is due. */
  readonly onTimer?: (ctx: Context<ParameterValues<Declarations>, State>, timer: number) => void;
  /** A book is no longer current, or current again: `book.isStale` says which. */
  readonly onStale?: (ctx: Context<ParameterValues<Declarations>, State>, book: BookView) => void;
  /** The engine stops. Orders are cancelled afterwards, by the engine itself. */
  readonly onStop?: (ctx: Context<ParameterValues<Declarations>, State>) => void;
}

/** Marks what `defineStrategy` returned, so that any other default export is told apart with a clear message. */
const STRATEGY = Symbol.for('tercel.strategy');

export interface Strategy<Declarations extends ParameterDeclarations, State>
  extends StrategyDefinition<Declarations, State> {
  readonly [STRATEGY]: true;
}

/** A strategy of whatever parameters and state, as the loader sees it. */
export type AnyStrategy = Strategy<ParameterDeclarations, unknown>;

/**
 * Defines a strategy; its file exports the result as its default.
 *
 * @example
 * export default defineStrategy({
 *   name: 'first',
 *   parameters: { quantity: parameter.number({ min: 0, default: 0.001 }) },
 *   onBook(ctx, book) {
 *     if (ctx.position(book.instrument.index).quantity === 0) {
 *       ctx.orders.limit(book.instrument.index, Side.Buy, book.bidPrice, ctx.parameters.quantity);
 *     }
 *   },
 * });
 */
export function defineStrategy<const Declarations extends ParameterDeclarations, State = undefined>(
  definition: StrategyDefinition<Declarations, State>,
): Strategy<Declarations, State> {
  return { ...definition, [STRATEGY]: true };
}

/** Whether a value came from `defineStrategy`. */
export function isStrategy(value: unknown): value is AnyStrategy {
  return typeof value === 'object' && value !== null && STRATEGY in value;
}
