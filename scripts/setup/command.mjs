// Runs a tool of the set-up, keeps what it says and ends it when the set-up is ended.

import { spawn } from 'node:child_process';

const OUTPUT_LIMIT_BYTES = 4 << 20;

/**
 * Runs a command to its end. Output is collected and handed line by line to `onLine`; it is shown only by who asks.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCommand(file, args, { cwd, env = process.env, onLine = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const stopChild = () => child.kill('SIGTERM');
    process.once('exit', stopChild);
    let output = '';
    const read = (stream) => {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output = (output + text).slice(-OUTPUT_LIMIT_BYTES);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      });
    };
    read(child.stdout);
    read(child.stderr);
    child.once('error', (error) => {
      process.off('exit', stopChild);
      reject(error);
    });
    child.once('close', (code) => {
      process.off('exit', stopChild);
      resolve({ code: code ?? 1, output });
    });
  });
}
