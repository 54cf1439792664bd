// Copies the addon's generated types to the committed file, after a change of the native surface.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import { GENERATED_TYPES, ROOT } from './setup/paths.mjs';
import { setUp } from './setup/setup.mjs';

await setUp();
copyFileSync(GENERATED_TYPES, join(ROOT, 'bindings', 'index.d.ts'));
console.log('bindings/index.d.ts was generated from bindings/src');
