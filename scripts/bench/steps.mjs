// Single steps of the engine: one Rust program measures ours and the Rust peers in turn, Node measures its own.

import { join } from 'node:path';

import { NODE_FLAGS } from '../setup/node.mjs';
import { ROOT } from '../setup/paths.mjs';
import { isWanted } from './options.mjs';
import { answerOf, CAPTURE, Program, start } from './programs.mjs';

const NAMES = [
  'binance_depth_decode',
  'l2_update',
  'order_encode',
  'order_encode_hmac',
  'risk_check',
  'spsc_single',
  'spsc_batch',
  'ccxt_book',
  'clock_read',
];

/** What p99 or the mean may be, from DESIGN section 5, in the row's unit. */
const BUDGETS = { binance_depth_decode: 1_000, l2_update: 100, order_encode: 500, risk_check: 100 };

/** What a ratio may be, where it is not simply below 1. */
const RATIO_GOALS = { spsc_single: 1.05, spsc_batch: 1.05 };

const EFFORT_MS = 4_000;
const QUICK_EFFORT_MS = 200;

export async function measureSteps({ node, directory, options }) {
  const names = NAMES.filter((name) => isWanted(options, name));
  if (names.length === 0) {
    return { rows: [] };
  }
  const effort = String(options.quick ? QUICK_EFFORT_MS : EFFORT_MS);
  const [frames, snapshot] = [join(directory, 'frames.jsonl'), join(directory, 'steps-snapshot.json')];
  const files = ['--capture', CAPTURE, '--frames-out', frames, '--snapshot-out', snapshot];
  console.log(`steps: ${names.join(', ')}`);
  const steps = start('steps', [...files, '--only', names.join(','), '--effort-ms', effort]);
  const measured = await answerOf(steps, 300_000);
  const inNode = (file, ...args) =>
    answerOf(new Program(file, node, [...NODE_FLAGS, join(ROOT, 'bench', file), ...args]), 300_000);
  const rows = [];
  for (const row of measured.rows) {
    rows.push(besideRust(row));
    if (row.name === 'binance_depth_decode') {
      const { ns } = await inNode('json-parse.ts', frames, effort);
      rows.push(beside({ ...row, name: 'binance_depth_decode_json_parse' }, 'JSON.parse (tinybench)', ns));
    }
    if (row.name === 'ccxt_book') {
      const { ns } = await inNode('ccxt-book.ts', frames, snapshot, effort);
      const note = "ours from the bytes on, ccxt's from the parsed message on";
      rows[rows.length - 1] = { ...beside(row, "ccxt's order book", ns), note };
    }
  }
  return {
    rows,
    details: { steps: { recorded: measured.recorded, frames: measured.frames, peers: peersOf(measured) } },
  };
}

/** Beside the fastest of the row's Rust peers. */
function besideRust(row) {
  const [fastest] = Object.entries(row.peers).sort(([, left], [, right]) => left - right);
  return fastest === undefined ? plain(row) : beside(row, ...fastest);
}

function plain({ name, unit, value }) {
  return { name, unit, value, ...(BUDGETS[name] !== undefined && { budget: BUDGETS[name] }) };
}

function beside(row, peer, peerValue) {
  const goal = RATIO_GOALS[row.name] ?? 1;
  return { ...plain(row), peer, peer_value: peerValue, ratio: row.value / peerValue, goal };
}

function peersOf({ rows }) {
  return Object.fromEntries(rows.map(({ name, peers }) => [name, peers]));
}
