// `tercel replay`: recorded captures through the production decoders into books.

import { accessSync, constants } from 'node:fs';

import { native } from '../native.ts';
import { CommandFailure } from './failure.ts';

export interface ReplayCommandOptions {
  readonly bbo?: string;
}

/** The command: prints what was read and how fast. */
export async function replayFiles(files: string[], { bbo }: ReplayCommandOptions): Promise<void> {
  requireReadable(files);
  const summary = await native.replay(files, bbo);
  const count = (value: number): string => value.toLocaleString('en-US');
  process.stdout.write(
    [
      `market      ${summary.kind}`,
      `messages    ${count(summary.messages)}`,
      `depth diffs ${count(summary.depthDiffs)}, of which ${count(summary.applied)} applied`,
      `trades      ${count(summary.trades)}`,
      `tickers     ${count(summary.tickers)}`,
      `gaps        ${count(summary.gaps)}`,
      `speed       ${count(Math.round(summary.messagesPerSecond))} messages a second (${summary.elapsedMs.toFixed(0)} ms)`,
      '',
    ].join('\n'),
  );
}

/** Says which file is missing before anything is read. */
export function requireReadable(files: readonly string[]): void {
  for (const file of files) {
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'cannot be read';
      throw new CommandFailure(`${file}: ${reason}`);
    }
  }
}
