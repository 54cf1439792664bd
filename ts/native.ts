// The native addon. Its types are generated from bindings/ and committed beside it.

import { createRequire } from 'node:module';

type Native = typeof import('../bindings/index.d.ts');

/** The engine, the exchange in a box and the replay, in Rust. */
export const native = createRequire(import.meta.url)('../bindings/tercel.node') as Native;
