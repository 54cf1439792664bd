// A strategy's parameters: declared once, typed from the declaration, validated before anything connects.

import { nearest } from '../config/suggest.ts';

/** One parameter: how a value from the configuration is read, and what it is when none is given. */
export interface Parameter<Value> {
  readonly type: 'number' | 'integer' | 'string' | 'boolean';
  readonly description: string;
  /** Absent where the configuration must give a value. */
  readonly fallback: Value | undefined;
  /** What is wrong with a value, in words that complete "must be ..."; undefined when nothing is. */
  readonly complaint: (value: unknown) => string | undefined;
}

export type ParameterDeclarations = Readonly<Record<string, Parameter<number | string | boolean>>>;

/** The values that a strategy sees, typed from its declarations. */
export type ParameterValues<Declarations extends ParameterDeclarations> = {
  readonly [Name in keyof Declarations]: Declarations[Name] extends Parameter<infer Value> ? Value : never;
};

/** Limits of a number: both ends included. */
export interface NumberOptions {
  readonly description?: string;
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

export interface StringOptions<Choice extends string> {
  readonly description?: string;
  readonly default?: Choice;
  /** The only values allowed. */
  readonly choices?: readonly Choice[];
}

export interface BooleanOptions {
  readonly description?: string;
  readonly default?: boolean;
}

/** One thing that is wrong with a table of parameters. */
export interface ParameterProblem {
  readonly name: string;
  readonly problem: string;
}

/** The ways to declare a parameter. */
export const parameter = {
  /** Any finite number. */
  number(options: NumberOptions = {}): Parameter<number> {
    return declare('number', options, (value) => numberComplaint(value, options, false));
  },
  /** A whole number. */
  integer(options: NumberOptions = {}): Parameter<number> {
    return declare('integer', options, (value) => numberComplaint(value, options, true));
  },
  /** A text, perhaps one of a few. */
  string<Choice extends string = string>(options: StringOptions<Choice> = {}): Parameter<Choice> {
    return declare('string', options, (value) => stringComplaint(value, options.choices));
  },
  /** True or false. */
  boolean(options: BooleanOptions = {}): Parameter<boolean> {
    return declare('boolean', options, (value) => (typeof value === 'boolean' ? undefined : 'true or false'));
  },
};

/** Reads a table of the configuration against the declarations: the values, or everything that is wrong. */
export function readParameters<Declarations extends ParameterDeclarations>(
  declarations: Declarations,
  table: Readonly<Record<string, unknown>>,
): { values: ParameterValues<Declarations> } | { problems: ParameterProblem[] } {
  const names = Object.keys(declarations);
  const problems = Object.keys(table)
    .filter((name) => !names.includes(name))
    .map((name) => ({ name, problem: unknownName(name, names) }));
  const values: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(declarations)) {
    const value = table[name] ?? declared.fallback;
    const problem = value === undefined ? 'is required and has no default' : complain(declared, value);
    if (problem !== undefined) {
      problems.push({ name, problem });
    }
    values[name] = value;
  }
  return problems.length > 0 ? { problems } : { values: values as ParameterValues<Declarations> };
}

function declare<Value>(
  type: Parameter<Value>['type'],
  options: { readonly description?: string; readonly default?: Value },
  complaint: Parameter<Value>['complaint'],
): Parameter<Value> {
  return { type, description: options.description ?? '', fallback: options.default, complaint };
}

function complain(declared: Parameter<unknown>, value: unknown): string | undefined {
  const complaint = declared.complaint(value);
  return complaint === undefined ? undefined : `must be ${complaint}, not ${JSON.stringify(value)}`;
}

function unknownName(name: string, names: readonly string[]): string {
  const suggestion = nearest(name, names);
  if (suggestion !== undefined) {
    return `is not a parameter of the strategy; did you mean '${suggestion}'?`;
  }
  return `is not a parameter of the strategy, which has ${names.length === 0 ? 'none' : names.join(', ')}`;
}

function numberComplaint(value: unknown, { min, max }: NumberOptions, whole: boolean): string | undefined {
  const kind = whole ? 'a whole number' : 'a number';
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!whole || Number.isSafeInteger(value)) &&
    value >= (min ?? Number.NEGATIVE_INFINITY) &&
    value <= (max ?? Number.POSITIVE_INFINITY);
  return fits ? undefined : `${kind}${rangeText(min, max)}`;
}

function rangeText(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) {
    return ` from ${min} to ${max}`;
  }
  if (min !== undefined) {
    return ` of at least ${min}`;
  }
  return max === undefined ? '' : ` of at most ${max}`;
}

function stringComplaint(value: unknown, choices: readonly string[] | undefined): string | undefined {
  if (typeof value !== 'string') {
    return 'a text in quotes';
  }
  return choices === undefined || choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
}
