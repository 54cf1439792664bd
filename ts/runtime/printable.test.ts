import { expect, test } from 'vitest';

import { printable } from './printable.ts';

test('a text from a venue cannot steer the terminal', () => {
  expect(printable('\x1b[2Jfilter failure\x07: \x1b]0;title\x07LOT_SIZE\r\n\tnext')).toBe(
    'filter failure: LOT_SIZE\n\tnext',
  );
});
