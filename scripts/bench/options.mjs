// The options of `npm run bench`.

import { parseArgs } from 'node:util';

export const USAGE =
  'usage: npm run bench -- [--json FILE] [--markdown FILE] [--only NAME,NAME] [--quick]\n' +
  'groups and rows: wire, sustained, binance_depth_decode, l2_update, order_encode, order_encode_hmac, risk_check, ' +
  'spsc_single, spsc_batch, ccxt_book, clock_read';

/**
 * @param {readonly string[]} args
 * @returns {{ json?: string, markdown?: string, only?: readonly string[], quick: boolean } | undefined} Undefined where
 *   they are not understood.
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        markdown: { type: 'string' },
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
      },
    });
    const { only, ...rest } = values;
    return only === undefined ? rest : { ...rest, only: only.split(',') };
  } catch {
    return undefined;
  }
}

/** Whether a row or its group is wanted. */
export function isWanted({ only }, name) {
  return only === undefined || only.some((wanted) => name === wanted || name.startsWith(`${wanted}_`));
}
