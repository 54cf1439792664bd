// Cancels own orders over REST when the engine could not have them confirmed gone, because its order connection is gone.

import type { BinanceRest } from '../venues/binance/rest.ts';
import type { Log } from './log.ts';

/** The form of this engine's client order ids, of whatever run. */
const OWN_ORDER = /^tc[0-9a-f]{16}$/;
const ROUNDS = 3;

interface OpenOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
}

/** Cancels every own order of the symbols and looks again. Returns how many are left; rejects where REST fails too. */
export async function cancelOverRest(rest: BinanceRest, symbols: readonly string[], log: Log): Promise<number> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const open = await ownOrders(rest, symbols);
    if (open.length === 0) {
      return 0;
    }
    log.warn(`cancelling ${open.length} orders over REST, because the order connection could not confirm it`);
    await Promise.all(open.map(({ symbol, clientOrderId }) => rest.cancel(symbol, clientOrderId)));
  }
  return (await ownOrders(rest, symbols)).length;
}

async function ownOrders(rest: BinanceRest, symbols: readonly string[]): Promise<OpenOrder[]> {
  const orders = JSON.parse(Buffer.from(await rest.openOrders()).toString('utf8')) as OpenOrder[];
  return orders.filter((order) => symbols.includes(order.symbol) && OWN_ORDER.test(order.clientOrderId));
}
