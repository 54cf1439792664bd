// Freshness of the native addon: a hash over the paths and contents of everything it is built from. Cargo is not asked.
//
// Reading a few hundred files takes longer than looking at them, so a first fingerprint covers path, size and
// modification time only. When that one is unchanged the contents are taken as unchanged too.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What the addon is built from, files or folders, relative to the repository's root. */
export const SOURCES = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', '.cargo', 'crates', 'bindings'];

/** Folders in a crate that the addon does not contain. */
const SKIPPED_FOLDERS = new Set(['target', 'tests', 'benches', 'examples', 'fuzz', 'node_modules']);
const SOURCE_FILE = /\.(rs|toml|lock|c|h|S)$/;

/**
 * Every source file below `root`, sorted, as paths relative to it.
 * @param {string} root
 * @param {readonly string[]} sources
 * @returns {string[]}
 */
export function sourceFiles(root, sources = SOURCES) {
  const files = [];
  for (const source of sources) {
    const path = join(root, source);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory()) {
      collect(root, path, files);
    } else if (status?.isFile()) {
      files.push(source);
    }
  }
  return files.sort();
}

/**
 * A hash of paths, sizes and modification times: cheap, and different whenever something may have changed.
 * @param {string} root
 * @param {readonly string[]} files
 */
export function statusFingerprint(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const status = statSync(join(root, file), { bigint: true });
    hash.update(`${file}\0${status.size}\0${status.mtimeNs}\0`);
  }
  return hash.digest('hex');
}

/**
 * A hash of paths and contents: different only when something has changed.
 * @param {string} root
 * @param {readonly string[]} files
 */
export function contentFingerprint(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`);
    hash.update(content);
  }
  return hash.digest('hex');
}

function collect(root, folder, files) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) {
        collect(root, path, files);
      }
    } else if (entry.isFile() && SOURCE_FILE.test(entry.name)) {
      files.push(relative(root, path));
    }
  }
}
