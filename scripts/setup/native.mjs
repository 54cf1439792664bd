// The native addon: built by @napi-rs/cli whenever its sources are not those of the last build.

import { renameSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { contentFingerprint, sourceFiles, statusFingerprint } from './fingerprint.mjs';
import { ADDON, BUILD_DIRECTORY, BUILT_ADDON, NODE_MODULES, ROOT } from './paths.mjs';
import { Progress } from './progress.mjs';
import { readRecord, writeRecord } from './state.mjs';
import { requireBuildTools } from './tools.mjs';

const RECORD = 'native';
const NAPI_CLI = join(NODE_MODULES, '@napi-rs', 'cli', 'dist', 'cli.js');
const COMPILING = /^\s*Compiling (\S+) v/;

/** Whether the addon was built from the sources as they are. */
export function addonIsFresh() {
  const record = readRecord(RECORD);
  if (record.addon === undefined || record.addon !== addonStatus()) {
    return false;
  }
  const files = sourceFiles(ROOT);
  const status = statusFingerprint(ROOT, files);
  if (record.status === status) {
    return true;
  }
  if (record.content !== contentFingerprint(ROOT, files)) {
    return false;
  }
  writeRecord(RECORD, { ...record, status });
  return true;
}

/**
 * Builds the addon in release mode.
 * @param {string} node The Node that runs @napi-rs/cli.
 */
export async function buildAddon(node) {
  requireBuildTools();
  // Taken before the build: a source that changes meanwhile makes the next check build again.
  const files = sourceFiles(ROOT);
  const before = { status: statusFingerprint(ROOT, files), content: contentFingerprint(ROOT, files) };
  const progress = new Progress('building the native engine');
  let crates = 0;
  const { code, output } = await runCommand(node, [NAPI_CLI, ...buildArguments()], {
    cwd: ROOT,
    env: { ...process.env, CARGO_TERM_COLOR: 'never', CARGO_TERM_PROGRESS_WHEN: 'never', FORCE_COLOR: '0' },
    onLine: (line) => {
      const crate = COMPILING.exec(line)?.[1];
      if (crate !== undefined) {
        crates += 1;
        progress.update(`${crate} (crate ${crates}, ${availableParallelism()} at a time)`);
      } else if (line.includes('waiting for file lock')) {
        progress.update('waiting for another cargo');
      }
    },
  });
  if (code !== 0) {
    progress.finish('failed');
    throw new SetupFailure(`the native build failed; its output:\n${compilerErrors(output)}`);
  }
  // Replaced in one step: whoever runs the old addon keeps it, and nobody finds half of the new one.
  renameSync(BUILT_ADDON, ADDON);
  progress.finish(`done, ${crates} crates compiled`);
  writeRecord(RECORD, { ...before, addon: addonStatus() });
}

function buildArguments() {
  return [
    'build',
    '--release',
    '--manifest-path',
    join('bindings', 'Cargo.toml'),
    '--package-json-path',
    'package.json',
    '--output-dir',
    BUILD_DIRECTORY,
    '--no-js',
    '--dts',
    'index.d.ts',
  ];
}

function addonStatus() {
  const status = statSync(ADDON, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.size} ${status.mtimeNs}`;
}

/** What a person needs of the compiler's output: its errors without the warnings, or all of it where there are none. */
function compilerErrors(output) {
  const compiler = output.replace(/^Internal Error: [\s\S]*/m, '').replaceAll(/^warning: .* generated .*\n/gm, '');
  const errors = compiler.split(/\n\n+/).filter((paragraph) => /^error\b/m.test(paragraph));
  return (errors.length > 0 ? errors.join('\n\n') : output).trim();
}
