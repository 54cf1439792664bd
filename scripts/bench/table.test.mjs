import { expect, test } from 'vitest';

import { showMarkdown, showText } from './table.mjs';

const result = {
  machine: {
    cpu: 'a processor',
    cores: 2,
    memory_gib: 8,
    kernel: 'Linux 6',
    governor: 'none visible',
    isolated: 'none',
  },
  date: '2026-01-02T03:04:05.000Z',
  command: 'npm run bench',
  quick: false,
  rows: [
    { name: 'book', unit: 'ns a level', value: 3.456, peer: 'tree', peer_value: 54, ratio: 0.064, goal: 1 },
    { name: 'wire', unit: 'ns', value: 13_000, peer: 'echo', peer_value: 10_000, ratio: 1.3, goal: 1.25 },
    { name: 'lost', unit: 'ns', value: 1, failure: '3 frames without an order' },
  ],
  stages: { native: [{ stage: 'decode', p50: 400, p99: 1_100, p999: 2_000, budget: 1_000 }] },
  details: {},
};

test('a row says what it reached and whether that was the goal', () => {
  const lines = showText(result).split('\n');
  expect(lines.find((line) => line.startsWith('book'))).toMatch(/3\.46 .* tree .* 54\.0 .* 0\.064 .* < 1 met$/);
  expect(lines.find((line) => line.startsWith('wire'))).toMatch(/13,000 .* 1\.300 .* ≤ 1\.25 missed$/);
  expect(lines.find((line) => line.startsWith('decode'))).toMatch(/1,100 .* 1000 missed$/);
});

test('a row that is not valid shows no figure but the reason', () => {
  const text = showText(result);
  expect(text).toMatch(/^lost +FAILED/m);
  expect(text).toContain('lost: 3 frames without an order');
});

test('the page names machine, date and command', () => {
  const page = showMarkdown(result);
  expect(page).toContain('| book | 3.46 | ns a level | tree | 54.0 | 0.064 | < 1 met |');
  expect(page).toContain('a processor, 2 cores');
  expect(page).toContain('2026-01-02, `npm run bench`');
});
