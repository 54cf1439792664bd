// ccxt as its authors ship it, against the exchange in a box: only the addresses are changed. What a third party's client
// can trade on behaves like the venue.

import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startVenue } from '../../cli/testing/command.ts';
import type { VenueAnnouncement } from '../../runtime/venue.ts';

type Client = InstanceType<typeof ccxt.pro.binance>;

const SYMBOL = 'BTC/USDT';
const QUANTITY = 0.01;
/** Where ccxt looks for each part of the API, below the base of REST. */
const REST_PATHS = {
  public: '/api/v3',
  private: '/api/v3',
  v1: '/api/v1',
  sapi: '/sapi/v1',
  sapiV2: '/sapi/v2',
  sapiV3: '/sapi/v3',
  sapiV4: '/sapi/v4',
  fapiPublic: '/fapi/v1',
  fapiPublicV2: '/fapi/v2',
  fapiPublicV3: '/fapi/v3',
  dapiPublic: '/dapi/v1',
  dapiPublicV2: '/dapi/v2',
  eapiPublic: '/eapi/v1',
};

let venue: Awaited<ReturnType<typeof startVenue>>;

beforeAll(async () => {
  venue = await startVenue(['--seed', '11']);
});

afterAll(async () => {
  await venue.stop();
});

async function clientOf({ rest, streams, ws_api, api_key }: VenueAnnouncement, secret: string): Promise<Client> {
  const client = new ccxt.pro.binance({ apiKey: api_key, secret, enableRateLimit: false });
  const api = client.urls['api'] as Record<string, unknown>;
  for (const [part, path] of Object.entries(REST_PATHS)) {
    api[part] = rest + path;
  }
  (api['ws'] as Record<string, unknown>)['spot'] = `${streams}/ws`;
  ((api['ws'] as Record<string, unknown>)['ws-api'] as Record<string, unknown>)['spot'] = ws_api;
  // Without it ccxt refuses WebSockets that are not encrypted.
  await client.loadHttpProxyAgent();
  await client.loadMarkets();
  return client;
}

/** A price at which nobody trades. */
function farBelow(bestBid: number): number {
  return Math.round(bestBid * 0.9);
}

/** ccxt's types allow for orders without an id. */
function identified<Order extends { readonly id?: string | undefined }>(order: Order): Order & { readonly id: string } {
  expect(order.id).toMatch(/^\d+$/);
  return order as Order & { readonly id: string };
}

describe.each([
  ['HMAC', (announcement: VenueAnnouncement) => announcement.api_secret],
  ['Ed25519', (announcement: VenueAnnouncement) => announcement.ed25519_private_key_pem],
])('ccxt with an %s key', (_kind, secretOf) => {
  let client: Client;

  beforeAll(async () => {
    client = await clientOf(venue.announcement, secretOf(venue.announcement));
  });

  afterAll(async () => {
    await client.close();
  });

  test('loads the markets and their rules', () => {
    expect(client.market(SYMBOL)).toMatchObject({ active: true, spot: true, base: 'BTC', quote: 'USDT' });
    expect(client.market(SYMBOL).precision).toMatchObject({ price: 0.01, amount: 0.00001 });
  });

  test('watches a book that stays ordered and uncrossed', async () => {
    const first = await client.watchOrderBook(SYMBOL);
    let last = first;
    for (let update = 0; update < 10; update += 1) {
      last = await client.watchOrderBook(SYMBOL);
      const bids = last.bids.map(([price]) => price as number);
      const asks = last.asks.map(([price]) => price as number);
      expect(bids).toEqual(bids.toSorted((one, other) => other - one));
      expect(asks).toEqual(asks.toSorted((one, other) => one - other));
      expect(bids[0]).toBeLessThan(asks[0] as number);
    }
    expect(last.nonce).toBeGreaterThan(0);
  });

  test('places an order, follows it, cancels it', async () => {
    const { bids } = await client.watchOrderBook(SYMBOL);
    const price = farBelow(bids[0]?.[0] as number);
    // The account's events are asked for first, else the order could be open before anybody watches.
    await client.authenticate();
    const opened = client.watchOrders(SYMBOL);
    const { id, status } = identified(await client.createOrder(SYMBOL, 'limit', 'buy', QUANTITY, price));
    expect(status).toBe('open');
    expect(await opened).toEqual(expect.arrayContaining([expect.objectContaining({ id, status: 'open', price })]));
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([expect.objectContaining({ id, remaining: QUANTITY })]);

    const ended = client.watchOrders(SYMBOL);
    expect(await client.cancelOrder(id, SYMBOL)).toMatchObject({ id, status: 'canceled' });
    expect(await ended).toEqual(expect.arrayContaining([expect.objectContaining({ id, status: 'canceled' })]));
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test('moves an order and cancels everything', async () => {
    const { bids } = await client.watchOrderBook(SYMBOL);
    const price = farBelow(bids[0]?.[0] as number);
    const { id } = identified(await client.createOrder(SYMBOL, 'limit', 'buy', QUANTITY, price));
    const moved = await client.editOrder(id, SYMBOL, 'limit', 'buy', 2 * QUANTITY, price - 100);
    expect(moved).toMatchObject({ status: 'open', price: price - 100, amount: 2 * QUANTITY });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test('takes from the book, and its balances and trades say so', async () => {
    const before = await client.fetchBalance();
    const order = await client.createOrder(SYMBOL, 'market', 'buy', QUANTITY);
    expect(order).toMatchObject({ status: 'closed', filled: QUANTITY });
    const after = await client.fetchBalance();
    const spent = (before['USDT']?.free as number) - (after['USDT']?.free as number);
    expect(spent).toBeCloseTo(order.cost as number, 4);
    expect(after['BTC']?.free).toBeGreaterThan(before['BTC']?.free as number);
    const trades = await client.fetchMyTrades(SYMBOL);
    const bought = trades.filter((trade) => trade.order === order.id);
    expect(bought.reduce((sum, trade) => sum + (trade.amount as number), 0)).toBeCloseTo(QUANTITY, 8);
  });

  test('trades over the WebSocket API', async () => {
    const { bids } = await client.watchOrderBook(SYMBOL);
    const price = farBelow(bids[0]?.[0] as number);
    const order = identified(await client.createOrderWs(SYMBOL, 'limit', 'buy', QUANTITY, price));
    expect(order.status).toBe('open');
    expect(await client.cancelOrderWs(order.id, SYMBOL)).toMatchObject({ id: order.id, status: 'canceled' });
  });

  test('understands a refusal', async () => {
    const { asks } = await client.watchOrderBook(SYMBOL);
    const price = Math.round((asks[0]?.[0] as number) * 1.2);
    await expect(client.createOrder(SYMBOL, 'limit', 'sell', 60, price)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
  });
});
