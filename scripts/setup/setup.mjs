// Set-up from top to bottom: packages, pinned Node, native addon. What is fresh is not touched.

import { join } from 'node:path';

import { withLock } from './lock.mjs';
import { addonIsFresh, buildAddon } from './native.mjs';
import { pinnedNode } from './node.mjs';
import { installPackages, packagesAreFresh } from './packages.mjs';
import { STATE_DIRECTORY } from './paths.mjs';

/**
 * Sets up whatever is missing and returns the Node to run with.
 * @returns {Promise<string>}
 */
export async function setUp() {
  if (packagesAreFresh() && addonIsFresh()) {
    return pinnedNode();
  }
  return withLock(join(STATE_DIRECTORY, 'setup.lock'), tell, async () => {
    if (!packagesAreFresh()) {
      await installPackages();
    }
    const node = pinnedNode();
    if (!addonIsFresh()) {
      await buildAddon(node);
    }
    return node;
  });
}

function tell(message) {
  process.stderr.write(`${message}\n`);
}
