// Zod's findings as sentences of a person's language.

import type { z } from 'zod';

import { nearest } from './suggest.ts';

/** A finding: where, and how the sentence about it goes on. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** Every issue as at least one finding; an issue about several unknown keys as one each. */
export function explain(issues: readonly Issue[], schema: Schema): Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, path);
      return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(key, known) }));
    }
    return [{ path, problem: sentence(issue) }];
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const suggestion = nearest(key, known);
  if (suggestion !== undefined) {
    return `is not a known key; did you mean '${suggestion}'?`;
  }
  return `is not a known key; known here are ${known.join(', ')}`;
}

function sentence(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; set it to ${article(issue.expected)}`
        : `must be ${article(issue.expected)}, not ${shown(issue.input)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => `'${String(value)}'`).join(', ')}, not ${shown(issue.input)}`;
    case 'too_small':
      return `must ${limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}, not ${size(issue.origin, issue.input)}`;
    case 'too_big':
      return `must ${limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}, not ${size(issue.origin, issue.input)}`;
    case 'invalid_union':
      return issue.input === undefined
        ? 'is missing; set it to a positive number'
        : `must be a positive number, not ${shown(issue.input)}`;
    default:
      return `${issue.message.replace(/^Invalid .*/, 'is not valid')}, not ${shown(issue.input)}`;
  }
}

function limit(origin: string, comparison: string, bound: unknown): string {
  if (origin === 'array') {
    return `have ${comparison} ${String(bound)} entries`;
  }
  return origin === 'string' ? `have ${comparison} ${String(bound)} characters` : `be ${comparison} ${String(bound)}`;
}

function size(origin: string, input: unknown): string {
  return origin === 'array' && Array.isArray(input) ? String(input.length) : shown(input);
}

function article(expected: string): string {
  const names: Record<string, string> = {
    array: 'a list of tables ([[...]])',
    boolean: 'true or false',
    int: 'a whole number',
    number: 'a number',
    object: 'a table ([...])',
    record: 'a table ([...])',
    string: 'a text in quotes',
  };
  return names[expected] ?? expected;
}

function shown(input: unknown): string {
  if (typeof input === 'number') {
    return String(input);
  }
  return (JSON.stringify(input) ?? String(input)).slice(0, 80);
}

/** The keys that the object at `path` in the schema may have. */
function knownKeys(schema: Schema, path: readonly (string | number)[]): string[] {
  let current = unwrapped(schema);
  for (const part of path) {
    const definition = current?._zod.def as { shape?: Record<string, Schema>; element?: Schema } | undefined;
    current = unwrapped(typeof part === 'number' ? definition?.element : definition?.shape?.[part]);
  }
  const shape = (current?._zod.def as { shape?: Record<string, Schema> } | undefined)?.shape;
  return Object.keys(shape ?? {});
}

/** Without what makes it optional or gives it a default. */
function unwrapped(schema: Schema | undefined): Schema | undefined {
  let current = schema;
  for (;;) {
    const inner = (current?._zod.def as { innerType?: Schema } | undefined)?.innerType;
    if (inner === undefined) {
      return current;
    }
    current = inner;
  }
}
