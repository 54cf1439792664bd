// `npm run bench`: every figure that Tercel claims, beside its peers, in one run and one table.
//
//   --json FILE        also write the rows and every block as JSON
//   --markdown FILE    also write the table as Markdown
//   --only NAME,NAME   only these rows (a group's name stands for all of its rows: wire, sustained)
//   --quick            short runs, to see that everything works; the figures are no figures

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeMachine } from './bench/machine.mjs';
import { readOptions, USAGE } from './bench/options.mjs';
import { buildPrograms, endPrograms } from './bench/programs.mjs';
import { measureSteps } from './bench/steps.mjs';
import { measureSustained } from './bench/sustained.mjs';
import { showMarkdown, showText } from './bench/table.mjs';
import { measureWire } from './bench/wire.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { setUp } from './setup/setup.mjs';

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.error(USAGE);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(1));
}
process.once('exit', endPrograms);

try {
  const node = await setUp();
  await buildPrograms();
  const directory = mkdtempSync(join(tmpdir(), 'tercel-bench-'));
  try {
    process.exitCode = await run({ node, directory, options });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
} catch (error) {
  console.error(error instanceof SetupFailure ? error.message : error);
  process.exitCode = 1;
}

/** Measures, prints, writes. The exit code is 1 where a row is not valid. */
async function run(bench) {
  const machine = describeMachine();
  const parts = [];
  for (const measure of [measureSteps, measureWire, measureSustained]) {
    parts.push(await measure(bench));
  }
  const result = {
    machine,
    date: new Date().toISOString(),
    command: ['npm run bench', ...process.argv.slice(2)].join(' '),
    quick: options.quick,
    rows: parts.flatMap(({ rows }) => rows),
    stages: Object.assign({}, ...parts.map(({ stages }) => stages)),
    details: Object.assign({}, ...parts.map(({ details }) => details)),
  };
  process.stdout.write(`\n${showText(result)}`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  }
  if (options.markdown !== undefined) {
    writeFileSync(options.markdown, showMarkdown(result));
  }
  return result.rows.some(({ failure }) => failure !== undefined) ? 1 : 0;
}
