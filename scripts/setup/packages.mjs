// The npm packages: installed by `npm ci` whenever node_modules is not what the lockfile says.

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { NODE_MODULES, PACKAGE_LOCK, ROOT } from './paths.mjs';
import { Progress } from './progress.mjs';
import { readRecord, writeRecord } from './state.mjs';
import { findTool } from './tools.mjs';

/** What npm writes last when it installs: the list of what is there. */
const INSTALLED_LIST = join(NODE_MODULES, '.package-lock.json');
const RECORD = 'packages';

/** Whether node_modules is what package-lock.json says. */
export function packagesAreFresh() {
  const fingerprint = packagesFingerprint();
  if (fingerprint === undefined) {
    return false;
  }
  if (readRecord(RECORD).fingerprint === fingerprint) {
    return true;
  }
  if (!sameVersions(readPackages(PACKAGE_LOCK), readPackages(INSTALLED_LIST))) {
    return false;
  }
  writeRecord(RECORD, { fingerprint });
  return true;
}

/** Installs the packages of the lockfile. */
export async function installPackages() {
  const progress = new Progress('installing npm packages');
  const [file, ...args] = npmCommand();
  const { code, output } = await runCommand(file, [...args, 'ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: ROOT,
  });
  if (code !== 0) {
    progress.finish('failed');
    throw new SetupFailure(`npm ci failed; its output:\n${output.trimEnd()}`);
  }
  progress.finish('done');
  writeRecord(RECORD, { fingerprint: packagesFingerprint() });
}

/**
 * Whether everything the lockfile wants is installed in the version it wants. Optional packages of other platforms may
 * be missing.
 * @param {Record<string, { version?: string, integrity?: string, optional?: boolean }>} wanted
 * @param {Record<string, { version?: string, integrity?: string }>} installed
 */
export function sameVersions(wanted, installed) {
  const wantedNames = Object.keys(wanted).filter((name) => name !== '');
  const present = wantedNames.every((name) => {
    const found = installed[name];
    if (found === undefined) {
      return wanted[name].optional === true;
    }
    return found.version === wanted[name].version && found.integrity === wanted[name].integrity;
  });
  return present && Object.keys(installed).every((name) => wanted[name] !== undefined);
}

function packagesFingerprint() {
  const installed = statSync(INSTALLED_LIST, { bigint: true, throwIfNoEntry: false });
  if (installed === undefined) {
    return undefined;
  }
  const hash = createHash('sha256').update(readFileSync(PACKAGE_LOCK));
  return hash.update(`${installed.size}\0${installed.mtimeNs}`).digest('hex');
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** The npm that runs us, else the one in PATH. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js') === true) {
    return [process.execPath, running];
  }
  const npm = findTool('npm');
  if (npm === undefined) {
    throw new SetupFailure('npm was not found; it comes with Node: https://nodejs.org/en/download');
  }
  return [npm];
}
