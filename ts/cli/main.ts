// The tercel command. Each subcommand loads its own part when it is called.

import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

import { port, seconds, seed, speed } from './arguments.ts';

// What is compiled once is kept for the next start.
enableCompileCache(fileURLToPath(new URL('../../.tercel/compile-cache', import.meta.url)));

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('tercel')
  .description('A low-latency trading engine with a Rust core that you script in TypeScript.')
  .version(version)
  .showHelpAfterError("(add '--help' for the options)")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'tercel:')) });

program
  .command('run')
  .description('trade with a configuration until stopped; Ctrl-C cancels all orders and ends in order')
  .argument('<config>', 'a TOML configuration, such as config/demo.toml')
  .option('--seconds <n>', 'stop after this long', seconds)
  .option('--json <file>', 'write the summary to this file as well')
  .option('--replay <file...>', 'let the exchange of [exchange] play recorded captures instead of its own order flow')
  .option('--speed <n|max>', 'speed of the replay as a factor of real time', speed)
  .addHelpText(
    'after',
    `
A configuration with an [exchange] section starts the exchange in a box in a process of its own and trades there;
any other connects to the venue that [venue] names, with secrets from the environment or from files.

Examples:
  tercel run config/demo.toml --seconds 10 --json summary.json
  tercel run config/binance-testnet.toml`,
  )
  .action(async (config, options) => (await import('./run.ts')).run(config, options));

program
  .command('replay')
  .description('feed recorded captures through the production decoders into books, flat out')
  .argument('<file...>', 'captures (.gz, a receive time and a message a line); several follow one another')
  .option('--bbo <file>', 'write the best prices after every applied diff as CSV')
  .addHelpText('after', '\nExample:\n  tercel replay spot_btcusdt_20240808.gz --bbo bbo.csv')
  .action(async (files, options) => (await import('./replay.ts')).replayFiles(files, options));

program
  .command('venue')
  .description('run the exchange in a box alone, on loopback, until stopped')
  .argument('[config]', 'a TOML configuration whose [exchange] section is used')
  .option('--port <n>', 'listen on this port instead of one that the system chooses', port)
  .option('--seconds <n>', 'stop after this long', seconds)
  .option('--json', 'print addresses and keys as one line of JSON')
  .option('--seed <n>', 'seed of the order flow', seed)
  .option('--replay <file...>', 'play recorded captures instead of the own order flow')
  .option('--speed <n|max>', 'speed of the replay as a factor of real time', speed)
  .option('--supervised', 'also stop when standard input closes')
  .addHelpText('after', '\nExample:\n  tercel venue --port 9000 --json')
  .action(async (config, options) => (await import('./venue.ts')).venue(config, options));

try {
  await program.parseAsync();
} catch (error) {
  const { failureText, leavesThread } = await import('./failure.ts');
  process.stderr.write(`tercel: ${failureText(error)}\n`);
  process.exitCode = 1;
  if (leavesThread(error)) {
    process.kill(process.pid, 'SIGKILL');
  }
}

// What is done is done: a request that nobody waits for any more would keep the process alive until it times out.
process.exit();
