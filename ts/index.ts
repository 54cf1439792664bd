// What a strategy author imports.

export { BookSource, isTerminal, OrderKind, OrderStatus, Side, TimeInForce } from './strategy/codes.ts';
export type { Clock, Context, Log, Timers } from './strategy/context.ts';
export { defineStrategy, type Strategy, type StrategyDefinition } from './strategy/define.ts';
export { type OrderHandle, type Orders, type Rejection, rejection } from './strategy/orders.ts';
export { type Parameter, type ParameterValues, parameter } from './strategy/parameters.ts';
export type { BookView, FillView, InstrumentView, OrderView, PositionView, TradeView } from './strategy/views.ts';
export { RollingWindow } from './strategy/window.ts';
