// `npm test`: everything that CI runs, in order, ending at the first step that fails. Output of a step is shown as it
// comes, so that the runners' own closing lines stand in the log.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SetupFailure } from './setup/failure.mjs';
import { GENERATED_TYPES, ROOT } from './setup/paths.mjs';
import { elapsedText } from './setup/progress.mjs';
import { setUp } from './setup/setup.mjs';

/** Native tests that explore every interleaving need another build, in a folder of its own. */
const LOOM = { RUSTFLAGS: '--cfg loom', CARGO_TARGET_DIR: join(ROOT, 'target', 'loom') };

const started = Date.now();
try {
  console.log('── set-up');
  const node = await setUp();
  const cargo = (...args) => ({ file: 'cargo', args, shown: `cargo ${args.join(' ')}` });
  const tool = (name, program, ...args) => ({
    file: node,
    args: [join(ROOT, 'node_modules', program), ...args],
    shown: `${name} ${args.join(' ')}`,
  });
  step('rust format', cargo('fmt', '--all', '--check'));
  step('typescript lint and format', tool('biome', '@biomejs/biome/bin/biome', 'check', '.'));
  step('typescript types', tool('tsc', 'typescript/bin/tsc', '--noEmit'));
  sameText('generated types', GENERATED_TYPES, join(ROOT, 'bindings', 'index.d.ts'));
  step('rust lint', cargo('clippy', '--workspace', '--all-targets', '--quiet', '--', '-D', 'warnings'));
  step('rust tests', cargo('test', '--workspace', '--quiet'));
  step(
    'rust concurrency models',
    cargo('test', '--package', 'tercel-sync', '--release', '--quiet', '--test', 'loom'),
    LOOM,
  );
  checkDependencies(cargo);
  step('typescript tests', tool('vitest', 'vitest/vitest.mjs', 'run'));
  console.log(`\n── all steps passed in ${elapsedText(started)}`);
} catch (error) {
  if (!(error instanceof SetupFailure)) {
    throw error;
  }
  console.error(`\n── failed: ${error.message}`);
  process.exitCode = 1;
}

function step(title, { file, args, shown }, environment = {}) {
  console.log(`\n── ${title}: ${shown}`);
  const stepStarted = Date.now();
  const { status, signal, error } = spawnSync(file, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) {
    const reason = error?.message ?? (signal === null ? `exit code ${status}` : `ended by ${signal}`);
    throw new SetupFailure(`${title} (${reason}, after ${elapsedText(stepStarted)})`);
  }
  console.log(`── ${title}: passed in ${elapsedText(stepStarted)}`);
}

/** Licences and sources of dependencies. cargo-deny takes minutes to build, so it is used where it is and not fetched. */
function checkDependencies(cargo) {
  if (spawnSync('cargo', ['deny', '--version'], { stdio: 'ignore' }).status !== 0) {
    console.log('\n── rust dependencies: skipped, cargo-deny is not installed (cargo install cargo-deny --locked)');
    return;
  }
  step('rust dependencies', cargo('deny', '--log-level', 'error', 'check', 'bans', 'licenses', 'sources'));
}

function sameText(title, generated, committed) {
  if (readFileSync(generated, 'utf8') !== readFileSync(committed, 'utf8')) {
    throw new SetupFailure(`${title}: bindings/index.d.ts is not what the addon generates; run 'npm run generate'`);
  }
  console.log(`\n── ${title}: bindings/index.d.ts is what the addon generates`);
}
