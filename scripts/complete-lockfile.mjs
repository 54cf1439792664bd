// Adds to package-lock.json the optional packages of other platforms that the registry in use could not show.
//
// A registry mirror that carries Linux packages only answers 404 for the rest; npm then leaves them out of the lockfile,
// and `npm ci` refuses a lockfile that lacks them. Their versions are exact in the packages that ask for them, so the
// entries can be written without the registry. They carry no integrity and are never installed on Linux.
// Run it after every `npm install` that changes dependencies.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));
const added = missingPackages(lock.packages);
for (const [name, entry] of added) {
  lock.packages[`node_modules/${name}`] = entry;
}
lock.packages = sorted(lock.packages);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added.size} optional packages of other platforms added to package-lock.json`);

function missingPackages(packages) {
  const missing = new Map();
  for (const [key, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const known = packages[`node_modules/${name}`] ?? packages[`${key}/node_modules/${name}`];
      if (known === undefined && !missing.has(name)) {
        missing.set(name, platformEntry(name, version, parent));
      }
    }
  }
  return missing;
}

function platformEntry(name, version, parent) {
  const words = name.split(/[-/]/);
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const os = SYSTEMS.filter((system) => words.includes(system));
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return {
    version: version.replace(/^[\^~]/, ''),
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev === true && { dev: true }),
    ...(libc.length > 0 && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([left], [right]) => left.localeCompare(right, 'en')));
}
