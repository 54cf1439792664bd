// Values of command line options.

import { InvalidArgumentError } from 'commander';

/** A duration in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number of seconds above 0.');
  }
  return value;
}

/** A TCP port; 0 lets the system choose. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  }
  return value;
}

/** How fast recorded data is played: a factor of real time, or as fast as it goes. */
export function speed(text: string): number | 'max' {
  const value = Number(text);
  if (text === 'max') {
    return text;
  }
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError("It must be a factor above 0, or 'max'.");
  }
  return value;
}

/** A seed of the order flow. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number from 0.');
  }
  return value;
}
