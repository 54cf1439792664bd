// Names of Binance's market streams.

import type { Configuration } from '../../config/schema.ts';

/** The combined-stream URL for everything that the engine listens to about its instruments. */
export function marketStreamUrl(base: string, instruments: Configuration['instruments']): string {
  const names = instruments.flatMap(({ symbol, depth }) => {
    const name = symbol.toLowerCase();
    const book = depth === 'diff' ? `${name}@depth@100ms` : `${name}@depth20@100ms`;
    return [book, `${name}@bookTicker`, `${name}@trade`];
  });
  return `${streamHost(base)}/stream?streams=${names.join('/')}`;
}

/** Without the path that some clients want in their stream address (`/ws`, `/stream`, `/stream/ws`). */
function streamHost(base: string): string {
  return base.replace(/\/+$/, '').replace(/(\/stream)?(\/ws)?$/, '');
}
