// Failures as a person meets them: one message, exit code 1, no stack. Everything else is a defect and keeps its stack.

import { ConfigurationError } from '../config/errors.ts';
import { SecretError } from '../config/secrets.ts';
import { ExchangeProcessError } from '../runtime/exchange-process.ts';
import { printable } from '../runtime/printable.ts';
import { BlockedError } from '../runtime/shutdown.ts';
import { StrategyLoadError } from '../strategy/load.ts';
import { VenueError } from '../venues/binance/errors.ts';
import { KeyError } from '../venues/binance/signing.ts';

/** Something that a person can mend, said in one message. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

const EXPECTED = [
  BlockedError,
  CommandFailure,
  ConfigurationError,
  ExchangeProcessError,
  KeyError,
  SecretError,
  StrategyLoadError,
  VenueError,
];

/** What to print for an error: its message where it is one of ours or the native engine's, else the whole stack. */
export function failureText(error: unknown): string {
  return printable(unfiltered(error));
}

function unfiltered(error: unknown): string {
  if (EXPECTED.some((kind) => error instanceof kind) || isNative(error)) {
    return (error as Error).message
      .split('\n')
      .map((line, index) => (index === 0 || line.startsWith(' ') ? line : `        ${line}`))
      .join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Whether a thread is left behind that an exit in order would wait for. */
export function leavesThread(error: unknown): boolean {
  return error instanceof BlockedError;
}

/** Errors from native code carry a status code of N-API; their messages are written for people. */
function isNative(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'GenericFailure';
}
