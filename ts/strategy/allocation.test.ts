import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { NODE_FLAGS } from '../../scripts/setup/node.mjs';

const PROGRAM = fileURLToPath(new URL('./testing/allocation-run.ts', import.meta.url));
const HEAP_GROWTH_LIMIT_BYTES = 64 * 1024;

test('a million events with the example maker quoting and being filled cause no garbage collection', () => {
  const output = execFileSync(process.execPath, [...NODE_FLAGS, PROGRAM], { encoding: 'utf8' });
  const result = JSON.parse(output);
  expect(result.events).toBe(1_000_000);
  expect(result.orders).toBeGreaterThan(1_000);
  expect(result.replacements).toBeGreaterThan(1_000);
  expect(result.fills).toBeGreaterThan(1_000);
  expect(result.collections).toBe(0);
  expect(result.heapGrowth).toBeLessThan(HEAP_GROWTH_LIMIT_BYTES);
});
