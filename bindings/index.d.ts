/* DRAFT of the native surface; will be replaced by the file that napi generates. */

/** Everything the native engine needs to know; decimals are texts so that nothing passes through a float. */
export interface NativeConfig {
  /** Instruments in the order of their indices; `partialDepth` takes depth20 instead of diffs. */
  instruments: Array<{ symbol: string; partialDepth: boolean; risk: NativeRisk }>
  /** Body of GET /api/v3/exchangeInfo. */
  exchangeInfo: Uint8Array
  apiKey: string
  /** HMAC secret; exactly one of the two. */
  apiSecret?: string
  ed25519PrivateKeyPem?: string
  recvWindowMs: number
  /** busy-spin, backoff or park. */
  wait: string
  cpu?: number
  /** Directory for the restart epoch. */
  stateDirectory: string
  /** Adopt this engine's own open orders at start instead of cancelling them. */
  adoptOrders: boolean
  watchdogMs: number
  maxOpenOrders: number
  maxOrdersPerSecond: number
  /** How long a stop may wait for cancels to be confirmed. */
  drainMs: number
}
export interface NativeRisk {
  maxOrderQuantity: string
  maxNotional: string
  maxPosition: string
  priceCollarBps: number
  maxDataAgeMs: number
}
/** What the trading thread tells the main thread. `kind` is one of: snapshot-needed, synchronised, gap, market-lost, orders-lost,
 *  orders-ready, query-order (text = client order id, instrument), reject (venue reject: code, text), stale, malformed, log (level in code, text),
 *  killed (text = reason), hung, strategy-failed, drained, server-shutdown, telemetry-dropped, balance. */
export interface Notice { kind: string; instrument: number; code: number; text: string; timeMs: number }
export interface InstrumentStatus { symbol: string; bid: number; ask: number; position: number; pnl: number; stale: boolean; openOrders: number }
export interface Status {
  messages: number; bookUpdates: number; gaps: number; orders: number; fills: number; venueRejects: number; riskRejects: number
  ordersPossible: boolean; synchronised: boolean; allocations: number; heartbeatAgeMs: number; hung: boolean; killed: boolean; workingOrders: number
  instruments: Array<InstrumentStatus>
}
export interface StageSummary { stage: string; p50: number; p99: number; p999: number; max: number; count: number; budget?: number }
export interface Summary {
  messages: number; bookUpdates: number; gaps: number; orders: number; fills: number
  /** By reason: risk reasons by their key, venue rejects as `venue:<code>`. */
  rejects: Array<{ source: string; reason: string; count: number }>
  /** Per instrument: exact decimal texts. */
  positions: Array<{ symbol: string; base: string; quote: string; position: string; pnl: string; fees: string }>
  stages: Array<StageSummary>
  clockReadNs: number
  waiting: string
  allocations: number
  telemetryDropped: number
  ordersLeft: number
}
/** Main thread's end of an engine. */
export declare class Engine {
  constructor(config: NativeConfig)
  get id(): number
  /** Connects in a pool thread and hands the ready connection to the trading thread. The URL carries the subscriptions
   *  (`/stream?streams=a/b`). Rejects with the reason. */
  connectMarket(url: string, timeoutMs: number): Promise<void>
  /** Same for orders: upgrade, session.logon (Ed25519) and user data subscription. */
  connectOrders(url: string, timeoutMs: number): Promise<void>
  /** Drains what the trading thread had to say since the last call. */
  notices(): Array<Notice>
  /** Body of GET /api/v3/depth. */
  applySnapshot(instrument: number, body: Uint8Array): void
  /** Bodies of GET openOrders, account and, an instrument, myTrades. */
  reconcile(openOrders: Uint8Array, account: Uint8Array, trades: Array<{ instrument: number; body: Uint8Array }>): void
  /** Answer of GET /api/v3/order for a query-order notice. */
  applyOrderQuery(clientOrderId: string, httpStatus: number, body: Uint8Array): void
  /** Venue's clock minus ours, milliseconds. */
  setClockOffset(offsetMs: number): void
  status(): Status
  /** Asks the trading thread to stop: poll() returns Stop, then Drained when the orders are gone. */
  stop(): void
  /** Sets the kill switch: no order leaves any more, all are cancelled. */
  kill(reason: string): void
  /** After the worker ended (or was terminated): makes this thread the one that drives the engine. False while the worker still holds it. */
  takeOver(): boolean
  /** Drives the engine for at most maxMs to cancel and confirm. 0 not done, 1 drained, 2 deadline passed with orders left. */
  drainStep(maxMs: number): number
  /** Exact figures; only after takeOver(). */
  summary(): Summary
  /** Ends side threads and frees everything. */
  close(): void
}
/** The worker's end: attaches to the engine with that id. */
export declare class TradingThread {
  constructor(engineId: number)
  /** The memory described by ts/strategy/layout.ts. */
  memory(): ArrayBuffer
  /** Runs one step and returns an EventKind code (0 none, bounded wait inside). */
  poll(): number
  /** Sends the order in the command area: its handle (>= 0) or a negated reject code. */
  submit(): number
  /** Cancels: 0 or a negated reject code. */
  cancel(handle: number): number
  /** Cancel-replace with price and quantity of the command area: the new order's handle or a negated reject code. */
  replace(handle: number): number
  /** Cancels all orders of an instrument, or of all with -1. Returns how many cancels were sent. */
  cancelAll(instrument: number): number
  /** Arms timer `id` (0..255) to fire once after the command area's delay; a negative delay disarms. */
  setTimer(id: number): void
  /** Fills the depth area with up to `levels` levels a side. */
  depth(instrument: number, levels: number): void
  /** Level 0 debug, 1 info, 2 warn, 3 error. The text is cut at 200 bytes. */
  log(level: number, text: string): void
  /** A handler threw: orders are cancelled and no more are accepted; poll() goes on until Drained. */
  strategyFailed(reason: string): void
  detach(): void
}
/** The exchange in a box, in this process. */
export interface ExchangeOptions { port: number; seed: number; replay?: string[]; speed?: number; symbols?: string[]; balances?: Array<{ asset: string; free: string }> }
export interface ExchangeInfo { rest: string; streams: string; wsApi: string; apiKey: string; apiSecret: string; ed25519PrivateKeyPem: string; symbols: string[] }
export declare class Exchange {
  static start(options: ExchangeOptions): Promise<Exchange>
  get info(): ExchangeInfo
  stop(): Promise<void>
}
export interface ReplaySummary { messages: number; depthDiffs: number; applied: number; gaps: number; trades: number; tickers: number; elapsedMs: number; messagesPerSecond: number; kind: string }
export declare function replay(files: string[], bbo?: string): Promise<ReplaySummary>
