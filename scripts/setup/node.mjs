// The pinned Node: an npm package that carries the binary, locked with its integrity like every other package.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { SetupFailure } from './failure.mjs';
import { NODE_MODULES } from './paths.mjs';

/**
 * Flags that must stand on the command line, because NODE_OPTIONS does not take all of them. Collecting on one thread
 * keeps pauses short where a strategy allocates. A price that a function returns goes over the heap unless the function is
 * compiled into its caller: so small functions, such as the getters that strategies read the market by, always are, also
 * where they are called now and then only, and a handler may grow by as much as all of its own functions.
 */
export const NODE_FLAGS = [
  '--single-threaded-gc',
  '--max-inlined-bytecode-size-small=150',
  '--min-inlining-frequency=0',
  '--max-inlined-bytecode-size-cumulative=4000',
  '--disable-warning=ExperimentalWarning',
];

/** The oldest Node that runs TypeScript files without a warning. */
const OLDEST_OWN_NODE = [24, 12];

/** The Node to run Tercel with: the pinned one, else the running one where no pinned one exists for the machine. */
export function pinnedNode() {
  const pinned = join(NODE_MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) {
    return pinned;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major === OLDEST_OWN_NODE[0] && minor >= OLDEST_OWN_NODE[1]) {
    return process.execPath;
  }
  throw new SetupFailure(
    `no pinned Node for ${process.platform}-${process.arch}; Tercel runs on linux-x64 and linux-arm64, elsewhere under Node 24.12 or newer of the 24 line`,
  );
}
