// The tools that set-up cannot install itself. Each missing one is named in one line that says how to get it.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { SetupFailure } from './failure.mjs';

const BUILD_TOOLS = [
  { name: 'cargo', fix: 'install Rust 1.95 or newer from https://rustup.rs' },
  { name: 'cc', fix: "install a C compiler, for example 'apt-get install build-essential'" },
  { name: 'c++', fix: "install a C++ compiler, for example 'apt-get install build-essential'" },
];

/** Makes sure that the native build can start. */
export function requireBuildTools() {
  addCargoFolder();
  const missing = BUILD_TOOLS.filter((tool) => findTool(tool.name) === undefined);
  if (missing.length > 0) {
    throw new SetupFailure(missing.map((tool) => `${tool.name} was not found; ${tool.fix}`).join('\n'));
  }
}

/**
 * @param {string} name
 * @returns {string | undefined}
 */
export function findTool(name, path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** rustup installs into a folder that shells started before do not have in their PATH. */
function addCargoFolder() {
  const home = process.env.CARGO_HOME ?? join(process.env.HOME ?? '/', '.cargo');
  const folder = join(home, 'bin');
  if (findTool('cargo') === undefined && isExecutable(join(folder, 'cargo'))) {
    process.env.PATH = `${process.env.PATH ?? ''}${delimiter}${folder}`;
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
