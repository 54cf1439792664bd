// The configuration as the native engine takes it.

import type { NativeConfig } from '../../bindings/index.d.ts';
import type { Configuration } from '../config/schema.ts';
import type { Credentials } from '../config/secrets.ts';

/** Amounts become texts, so that nothing passes through a float; secrets are revealed here and nowhere before. */
export function nativeConfig(
  { instruments, risk, engine, reconcile, venue, fee_rates: fees }: Configuration,
  credentials: Credentials,
  exchangeInfo: Uint8Array,
): NativeConfig {
  const nativeRisk = {
    maxOrderQuantity: decimalText(risk.max_order_quantity),
    maxNotional: decimalText(risk.max_notional),
    maxPosition: decimalText(risk.max_position),
    priceCollarBps: risk.price_collar_bps,
    maxDataAgeMs: risk.max_data_age_ms,
  };
  return {
    instruments: instruments.map(({ symbol, depth }) => ({
      symbol,
      partialDepth: depth === 'partial20',
      risk: nativeRisk,
    })),
    exchangeInfo,
    apiKey: credentials.apiKey.reveal(),
    ...(credentials.auth === 'hmac'
      ? { apiSecret: credentials.apiSecret.reveal() }
      : { ed25519PrivateKeyPem: credentials.privateKeyPem.reveal() }),
    recvWindowMs: venue.recv_window_ms,
    wait: engine.wait,
    ...(engine.cpu !== undefined && { cpu: engine.cpu }),
    stateDirectory: engine.state_directory,
    adoptOrders: reconcile.open_orders === 'adopt',
    watchdogMs: engine.watchdog_ms,
    maxOpenOrders: risk.max_open_orders,
    maxOrdersPerSecond: risk.max_orders_per_second,
    drainMs: engine.drain_ms,
    feeRates: Object.entries(fees).map(([asset, rate]) => ({ asset, rate: decimalText(rate) })),
  };
}

/** Without an exponent: JavaScript writes 1e-7 where a decimal is wanted. */
export function decimalText(amount: number | string): string {
  if (typeof amount === 'string') {
    return amount;
  }
  const text = String(amount);
  return text.includes('e') ? amount.toFixed(18).replace(/\.?0+$/, '') : text;
}
