// From a TOML file to a validated configuration, or to one error that names everything wrong with it.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';

import { ConfigurationError, type ConfigurationProblem } from './errors.ts';
import { explain } from './explain.ts';
import { locateKey } from './locate.ts';
import { type Configuration, configurationSchema, type ExchangeConfiguration, exchangeSchema } from './schema.ts';

/** A configuration and where it came from. */
export interface LoadedConfiguration {
  readonly file: string;
  readonly text: string;
  readonly configuration: Configuration;
}

/** Reads and validates a configuration; relative paths in it are relative to the file. */
export function loadConfiguration(file: string): LoadedConfiguration {
  const text = readText(file);
  return { file, text, configuration: validate(file, text) };
}

/** Validates the text of a configuration as if it stood in `file`. */
export function validate(file: string, text: string): Configuration {
  const configuration = check(file, text, parseToml(file, text), configurationSchema);
  const problems = missingTogether(configuration);
  if (problems.length > 0) {
    throw configurationError(file, text, problems);
  }
  return withAbsolutePaths(file, configuration);
}

/** Reads the `[exchange]` section alone; an absent one gives the defaults. */
export function loadExchangeConfiguration(file: string): ExchangeConfiguration {
  const text = readText(file);
  const section = parseToml(file, text)['exchange'] ?? {};
  return check(file, text, section, exchangeSchema, ['exchange']);
}

/** An error about keys of a configuration that is loaded already. */
export function configurationError(
  file: string,
  text: string,
  problems: readonly { readonly path: readonly (string | number)[]; readonly problem: string }[],
): ConfigurationError {
  const located = problems.map(
    ({ path, problem }): ConfigurationProblem => ({ key: keyText(path), problem, line: locateKey(text, path) }),
  );
  return new ConfigurationError(file, located);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const problem = code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${(error as Error).message}`;
    throw new ConfigurationError(file, [{ key: '', problem, line: undefined }]);
  }
}

function parseToml(file: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) {
      throw error;
    }
    const reason = error.message.split('\n')[0] ?? '';
    const problem = `is not valid TOML: ${reason.replace(/^Invalid TOML document: /, '')}`;
    throw new ConfigurationError(file, [{ key: '', problem, line: error.line }]);
  }
}

function check<Schema extends z.ZodType>(
  file: string,
  text: string,
  value: unknown,
  schema: Schema,
  prefix: readonly string[] = [],
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) {
    return result.data;
  }
  const findings = explain(result.error.issues, schema);
  throw configurationError(
    file,
    text,
    findings.map(({ path, problem }) => ({ path: [...prefix, ...path], problem })),
  );
}

/** What a schema of single keys cannot say: keys that need one another. */
function missingTogether({ venue, exchange, instruments }: Configuration): { path: string[]; problem: string }[] {
  const problems: { path: string[]; problem: string }[] = [];
  const complain = (key: string, problem: string): void => {
    problems.push({ path: ['venue', key], problem });
  };
  if (exchange === undefined) {
    for (const key of ['rest', 'streams', 'ws_api'] as const) {
      if (venue[key] === undefined) {
        complain(key, 'is missing; set it to the URL, or add an [exchange] section to trade against the built-in one');
      }
    }
    requireOneOf(venue, ['api_key_env', 'api_key_file'], complain);
    requireOneOf(
      venue,
      venue.auth === 'hmac'
        ? ['api_secret_env', 'api_secret_file']
        : ['ed25519_private_key_env', 'ed25519_private_key_file'],
      complain,
    );
  }
  const symbols = instruments.map(({ symbol }) => symbol);
  const twice = symbols.findIndex((symbol, index) => symbols.indexOf(symbol) !== index);
  if (twice >= 0) {
    problems.push({ path: ['instruments', String(twice), 'symbol'], problem: `names ${symbols[twice]} a second time` });
  }
  return problems;
}

function requireOneOf<Key extends string>(
  table: Readonly<Partial<Record<Key, unknown>>>,
  keys: readonly [Key, Key],
  complain: (key: string, problem: string) => void,
): void {
  const given = keys.filter((key) => table[key] !== undefined);
  if (given.length === 0) {
    complain(keys[0], `is missing; name an environment variable in it, or a file in ${keys[1]}`);
  } else if (given.length === 2) {
    complain(keys[1], `is given together with ${keys[0]}; keep one of the two`);
  }
}

function withAbsolutePaths(file: string, configuration: Configuration): Configuration {
  const folder = dirname(resolve(file));
  const { venue, strategy, engine } = configuration;
  const absolute = (path: string | undefined): string | undefined => path && resolve(folder, path);
  return {
    ...configuration,
    venue: {
      ...venue,
      api_key_file: absolute(venue.api_key_file),
      api_secret_file: absolute(venue.api_secret_file),
      ed25519_private_key_file: absolute(venue.ed25519_private_key_file),
    },
    strategy: { ...strategy, file: resolve(folder, strategy.file) },
    engine: { ...engine, state_directory: resolve(folder, engine.state_directory) },
  };
}

function keyText(path: readonly (string | number)[]): string {
  return path
    .map((part) => (/^\d+$/.test(String(part)) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
