// One set-up at a time: a lock file with the holder's process id. A holder that no longer runs is noticed.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 200;

/**
 * Runs `work` while holding the lock at `path`; waits for another holder as long as it lives.
 * @template T
 * @param {string} path
 * @param {(message: string) => void} tell
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, tell, work) {
  await acquire(path, tell);
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function acquire(path, tell) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  for (;;) {
    if (tryCreate(path)) {
      return;
    }
    const holder = readHolder(path);
    if (holder !== undefined && !isRunning(holder)) {
      removeStale(path, holder);
      continue;
    }
    if (!told && holder !== undefined) {
      tell(`waiting for another set-up of this repository (process ${holder.pid})`);
      told = true;
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

function tryCreate(path) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  try {
    // A link appears with its content or not at all, so no reader sees a lock without a holder.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Moves the lock aside before removing it: of two that find it stale only one moves the same file. */
function removeStale(path, holder) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && (moved.pid !== holder.pid || moved.started !== holder.started)) {
    try {
      linkSync(aside, path);
    } catch {
      // Somebody else took the lock in between; the next attempt sees that holder.
    }
  }
  rmSync(aside, { force: true });
}

function isRunning(holder) {
  const started = startOf(holder.pid);
  return started !== undefined && started === holder.started;
}

/** When a process was started, in clock ticks since boot: tells a process from a later one with the same id. */
function startOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
