// Log lines of the engine and its strategy: readable lines, or JSON by pino for machines.

import pino from 'pino';

import type { Configuration } from '../config/schema.ts';
import { printable } from './printable.ts';

/** Levels in the order of their native codes. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Takes log lines. */
export type Log = Readonly<Record<LogLevel, (text: string) => void>>;

/** A log that hands finished lines to `write`. */
export function makeLog({ level, format }: Configuration['log'], write: (line: string) => void): Log {
  const destination = { write: (line: string) => write(format === 'json' ? line : readable(line)) };
  const logger = pino({ level, base: null }, destination);
  return {
    debug: (text) => logger.debug(text),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error: (text) => logger.error(text),
  };
}

function readable(line: string): string {
  const { level, time, msg } = JSON.parse(line) as { level: number; time: number; msg: string };
  const clock = new Date(time).toISOString().slice(11, 23);
  // Texts come from venues too: nothing in them may steer the terminal.
  const text = printable(msg);
  return `${clock} ${pino.levels.labels[level]?.padEnd(5)} ${text}\n`;
}
