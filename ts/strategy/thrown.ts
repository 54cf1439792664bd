// Whatever a strategy threw, as one line with the place in its own file.

import { fileURLToPath } from 'node:url';

const ENGINE_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const FRAME_PLACE = /\(?((?:file:\/\/)?\/[^():]+:\d+:\d+)\)?$/;

/** The message, and the first line of the stack that is not the engine's own. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) {
    return `threw ${String(thrown)}`;
  }
  const place = placeOf(thrown);
  return `${thrown.name}: ${thrown.message}${place === undefined ? '' : ` at ${place}`}`;
}

function placeOf(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n').slice(1)) {
    const place = FRAME_PLACE.exec(line.trim())?.[1]?.replace('file://', '');
    if (place !== undefined && !place.startsWith(ENGINE_FOLDER)) {
      return place;
    }
  }
  return undefined;
}
