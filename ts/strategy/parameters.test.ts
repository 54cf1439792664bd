import { expect, expectTypeOf, test } from 'vitest';

import { type ParameterValues, parameter, readParameters } from './parameters.ts';

const declarations = {
  quantity: parameter.number({ min: 0, max: 10, default: 1 }),
  levels: parameter.integer({ min: 1 }),
  mode: parameter.string({ choices: ['join', 'improve'], default: 'join' }),
  enabled: parameter.boolean({ default: true }),
};

test('values are typed from their declarations', () => {
  type Values = ParameterValues<typeof declarations>;
  expectTypeOf<Values['quantity']>().toEqualTypeOf<number>();
  expectTypeOf<Values['mode']>().toEqualTypeOf<'join' | 'improve'>();
  expectTypeOf<Values['enabled']>().toEqualTypeOf<boolean>();
});

test('defaults fill what the configuration leaves out', () => {
  expect(readParameters(declarations, { levels: 3 })).toEqual({
    values: { quantity: 1, levels: 3, mode: 'join', enabled: true },
  });
});

test('every problem is named, not only the first', () => {
  const read = readParameters(declarations, { quantity: 11, mode: 'jion', enabled: 'yes', quanttiy: 2 });
  expect(read).toEqual({
    problems: [
      { name: 'quanttiy', problem: "is not a parameter of the strategy; did you mean 'quantity'?" },
      { name: 'quantity', problem: 'must be a number from 0 to 10, not 11' },
      { name: 'levels', problem: 'is required and has no default' },
      { name: 'mode', problem: 'must be one of join, improve, not "jion"' },
      { name: 'enabled', problem: 'must be true or false, not "yes"' },
    ],
  });
});

test('a whole number is not any number', () => {
  expect(readParameters(declarations, { levels: 1.5 })).toEqual({
    problems: [{ name: 'levels', problem: 'must be a whole number of at least 1, not 1.5' }],
  });
});
