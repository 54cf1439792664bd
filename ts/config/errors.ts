// One error for everything that can be wrong with a configuration: every problem with its file, line, key and fix.

/** One thing that is wrong. */
export interface ConfigurationProblem {
  /** Dotted, such as `risk.max_position`; empty for the whole file. */
  readonly key: string;
  /** What is wrong and what to do, as the end of a sentence that begins with the key. */
  readonly problem: string;
  readonly line: number | undefined;
}

/** A configuration that cannot be used. The message has a line for every problem. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];

  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    super(problems.map((problem) => problemText(file, problem)).join('\n'));
    this.problems = problems;
  }
}

function problemText(file: string, { key, problem, line }: ConfigurationProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return key === '' ? `${place}: ${problem}` : `${place}: ${key} ${problem}`;
}
