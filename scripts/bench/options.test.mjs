import { expect, test } from 'vitest';

import { isWanted, readOptions } from './options.mjs';

test('names of rows and of groups choose rows', () => {
  const options = readOptions(['--only', 'wire,l2_update']);
  expect(isWanted(options, 'wire_to_wire_native')).toBe(true);
  expect(isWanted(options, 'l2_update')).toBe(true);
  expect(isWanted(options, 'risk_check')).toBe(false);
});

test('without names everything is wanted', () => {
  expect(isWanted(readOptions([]), 'risk_check')).toBe(true);
});

test('an option that does not exist is not understood', () => {
  expect(readOptions(['--fast'])).toBeUndefined();
});
