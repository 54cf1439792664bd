// Loads a strategy file, without a build: Node strips the types.

import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

import { type AnyStrategy, isStrategy } from './define.ts';
import { describeThrown } from './thrown.ts';

/** A strategy file that cannot be used: the message names the file, the place and what to do. */
export class StrategyLoadError extends Error {
  override readonly name = 'StrategyLoadError';
}

/** The strategy that `file` exports as its default. */
export async function loadStrategy(file: string): Promise<AnyStrategy> {
  if (!existsSync(file)) {
    throw new StrategyLoadError(`${file}: there is no such strategy file; set strategy.file to one that exists`);
  }
  resolveOwnName();
  const module = await importStrategy(file);
  if (!isStrategy(module.default)) {
    throw new StrategyLoadError(
      `${file}: the default export is not a strategy; write 'export default defineStrategy({ ... })'`,
    );
  }
  return module.default;
}

async function importStrategy(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (thrown) {
    throw new StrategyLoadError(`${file}: ${describeLoadFailure(thrown)}`);
  }
}

function describeLoadFailure(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `does not compile: ${(thrown as Error).message}\n${sourceExcerpt(thrown as Error)}`.trimEnd();
  }
  if (thrown instanceof SyntaxError) {
    return `does not compile: ${thrown.message}\n${sourceExcerpt(thrown)}`.trimEnd();
  }
  return `failed while it was loaded: ${describeThrown(thrown)}`;
}

/** The lines before the stack: place, source line and a mark below the fault. */
function sourceExcerpt(error: Error): string {
  const stack = error.stack ?? '';
  const end = stack.search(/^(\w*Error\b|\s+at )/m);
  return end <= 0 ? '' : stack.slice(0, end).trimEnd();
}

/** Makes `import ... from 'tercel'` mean this engine in files that have no tercel of their own within reach. */
function resolveOwnName(): void {
  const own = new URL('../index.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'tercel' ? { url: own, shortCircuit: true } : next(specifier, context),
  });
}
