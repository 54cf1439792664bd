// Texts from venues, files and strategies, made safe to show.

import { stripVTControlCharacters } from 'node:util';

/** The text without anything that could steer a terminal: no escape sequences, no control characters but tab and newline. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
