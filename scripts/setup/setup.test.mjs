import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';

import { contentFingerprint, sourceFiles, statusFingerprint } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { sameVersions } from './packages.mjs';
import { findTool } from './tools.mjs';

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tercel-'));
  mkdirSync(join(folder, 'crates/book/src'), { recursive: true });
  mkdirSync(join(folder, 'crates/book/tests'), { recursive: true });
  writeFileSync(join(folder, 'Cargo.toml'), '[workspace]\n');
  writeFileSync(join(folder, 'crates/book/src/lib.rs'), '//! A book.\n');
  writeFileSync(join(folder, 'crates/book/tests/book.rs'), '// A test.\n');
});

describe('the freshness of the addon', () => {
  test('depends on sources and not on tests', () => {
    expect(sourceFiles(folder)).toEqual(['Cargo.toml', 'crates/book/src/lib.rs']);
  });

  test('survives a touched file and ends with a changed one', () => {
    const files = sourceFiles(folder);
    const before = [statusFingerprint(folder, files), contentFingerprint(folder, files)];
    utimesSync(join(folder, 'Cargo.toml'), new Date(0), new Date(0));
    expect(statusFingerprint(folder, files)).not.toBe(before[0]);
    expect(contentFingerprint(folder, files)).toBe(before[1]);
    writeFileSync(join(folder, 'Cargo.toml'), '[package]\n');
    expect(contentFingerprint(folder, files)).not.toBe(before[1]);
  });

  test('ends when a file is added', () => {
    const before = contentFingerprint(folder, sourceFiles(folder));
    writeFileSync(join(folder, 'crates/book/src/ladder.rs'), '');
    expect(contentFingerprint(folder, sourceFiles(folder))).not.toBe(before);
  });
});

describe('installed packages', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };

  test('are fresh without the optional packages of other platforms', () => {
    expect(sameVersions(wanted, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  test('are stale in another version, when one is missing, and when one is too many', () => {
    expect(sameVersions(wanted, { 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(sameVersions(wanted, {})).toBe(false);
    expect(
      sameVersions(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }),
    ).toBe(false);
  });
});

describe('the set-up lock', () => {
  test('lets one work at a time', async () => {
    const path = join(folder, 'lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, () => {}, work)));
    expect(most).toBe(1);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  test('is taken from a holder that no longer runs', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
    expect(
      await withLock(
        path,
        () => {},
        async () => 'done',
      ),
    ).toBe('done');
  });

  test('is taken from a holder whose process id now belongs to another', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'before' }));
    expect(
      await withLock(
        path,
        () => {},
        async () => 'done',
      ),
    ).toBe('done');
  });
});

test('a tool is found in the search path or not at all', () => {
  writeFileSync(join(folder, 'cargo'), '', { mode: 0o755 });
  expect(findTool('cargo', `/nowhere:${folder}`)).toBe(join(folder, 'cargo'));
  rmSync(join(folder, 'cargo'));
  expect(findTool('cargo', folder)).toBeUndefined();
});
