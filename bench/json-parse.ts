// What `JSON.parse` takes for the frames in a file, a line each: prints nanoseconds a message.

import { readFileSync } from 'node:fs';
import { Bench } from 'tinybench';

const [file = '', time = '2000'] = process.argv.slice(2);
const frames = readFileSync(file, 'utf8').split('\n');
const NANOSECONDS_A_MILLISECOND = 1e6;

/** Whatever was parsed last, so that no parse is left out. */
let last: { readonly data: { readonly u: number } } = { data: { u: 0 } };
const bench = new Bench({ time: Number(time), throws: true }).add('JSON.parse', () => {
  for (const frame of frames) {
    last = JSON.parse(frame);
  }
});
await bench.run();
const [task] = bench.tasks;
const result = task?.result;
if (result === undefined || !('latency' in result) || last.data.u !== frames.length) {
  throw new Error('JSON.parse was not measured');
}
// The best of its bursts, as for everything that it is compared with.
process.stdout.write(`${JSON.stringify({ ns: (result.latency.min * NANOSECONDS_A_MILLISECOND) / frames.length })}\n`);
