// Small JSON records in .tercel/: what was built from what. A record that cannot be read counts as absent.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { STATE_DIRECTORY } from './paths.mjs';

/**
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
export function readRecord(name) {
  try {
    return JSON.parse(readFileSync(join(STATE_DIRECTORY, `${name}.json`), 'utf8')) ?? {};
  } catch {
    return {};
  }
}

/**
 * Written whole or not at all, so that an interrupted set-up leaves no half record.
 * @param {string} name
 * @param {Record<string, unknown>} record
 */
export function writeRecord(name, record) {
  mkdirSync(STATE_DIRECTORY, { recursive: true });
  const path = join(STATE_DIRECTORY, `${name}.json`);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, path);
}
