#!/usr/bin/env node
// The `tercel` command: sets up what is missing, then runs ts/cli/main.ts with the pinned Node. Plain JavaScript without
// dependencies, because it runs on whatever Node the machine has, before anything is installed.

const OLDEST_NODE_MAJOR = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE_MAJOR) {
  console.error(
    `tercel: Node ${process.versions.node} is too old; install Node ${OLDEST_NODE_MAJOR} or newer from https://nodejs.org/en/download`,
  );
  process.exit(1);
}

const { launch } = await import('../scripts/setup/launch.mjs');
await launch(process.argv.slice(2));
