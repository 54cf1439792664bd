// Sets up, then runs the command line in a child with the pinned Node and passes on signals and the exit code.

import { spawn } from 'node:child_process';

import { SetupFailure } from './failure.mjs';
import { NODE_FLAGS } from './node.mjs';
import { MAIN } from './paths.mjs';
import { setUp } from './setup.mjs';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {readonly string[]} args */
export async function launch(args) {
  const endSetUp = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
  for (const signal of FORWARDED_SIGNALS) {
    process.on(signal, endSetUp);
  }
  try {
    const node = await setUp();
    run(node, args);
  } catch (error) {
    if (!(error instanceof SetupFailure)) {
      throw error;
    }
    process.stderr.write(`${error.message.replace(/^(?=.)/, 'tercel: ')}\n`);
    process.exitCode = 1;
    return;
  } finally {
    for (const signal of FORWARDED_SIGNALS) {
      process.off(signal, endSetUp);
    }
  }
}

/**
 * A Ctrl-C reaches this process and the child both from the terminal, and perhaps once more from npm. The child takes
 * repeated signals as one, so each is simply passed on. Should this process be killed, the child notices that
 * the channel to it closed, and stops in order.
 */
function run(node, args) {
  const child = spawn(node, [...NODE_FLAGS, MAIN, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const forward = (signal) => child.kill(signal);
  for (const signal of FORWARDED_SIGNALS) {
    process.on(signal, forward);
  }
  child.once('error', (error) => {
    process.stderr.write(`tercel: ${node} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    for (const name of FORWARDED_SIGNALS) {
      process.off(name, forward);
    }
    if (signal !== null) {
      process.kill(process.pid, signal);
    }
    process.exitCode = code ?? 1;
  });
}
