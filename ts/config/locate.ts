// The line of a key in a TOML text. The parser does not keep places, so the text is walked again by its headers; what
// cannot be found that way has no line, and the message is complete without one.

const HEADER = /^\s*\[([^[\]]+)\]/;
const ARRAY_HEADER = /^\s*\[\[([^[\]]+)\]\]/;
const ASSIGNMENT = /^\s*([A-Za-z0-9_."'-]+)\s*=/;

/** The 1-based line that sets `path`, or else the header of the table that it belongs to. */
export function locateKey(text: string, path: readonly (string | number)[]): number | undefined {
  const wanted = path.join('.');
  const counts = new Map<string, number>();
  let table = '';
  let nearest: number | undefined;
  let nearestLength = 0;
  const consider = (key: string, line: number): void => {
    const covers = wanted === key || wanted.startsWith(`${key}.`);
    if (covers && key.length > nearestLength) {
      nearest = line;
      nearestLength = key.length;
    }
  };
  for (const [index, line] of text.split('\n').entries()) {
    const array = ARRAY_HEADER.exec(line)?.[1];
    const header = array ?? HEADER.exec(line)?.[1];
    if (header !== undefined) {
      table = plain(header);
      if (array !== undefined) {
        const count = counts.get(table) ?? 0;
        counts.set(table, count + 1);
        table = `${table}.${count}`;
      }
      consider(table, index + 1);
      continue;
    }
    const key = ASSIGNMENT.exec(line)?.[1];
    if (key !== undefined) {
      consider(table === '' ? plain(key) : `${table}.${plain(key)}`, index + 1);
    }
  }
  return nearest;
}

function plain(key: string): string {
  return key.replaceAll(/["'\s]/g, '');
}
