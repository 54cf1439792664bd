// Wire to wire: echo, the engine with a strategy in Rust and the engine with one in TypeScript answer the same frames, in
// processes of their own and in alternating blocks.

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { NODE_FLAGS } from '../setup/node.mjs';
import { ROOT } from '../setup/paths.mjs';
import { isWanted } from './options.mjs';
import { CAPTURE, Program, start } from './programs.mjs';

const BLOCKS = 20;
const BLOCK_MS = 2_000;
const QUICK_BLOCKS = 2;
const QUICK_BLOCK_MS = 300;

/** How many times the echo's time each contestant may take. */
const GOALS = { native: 1.25, typescript: 1.5 };
const TITLES = { echo: 'wire_echo', native: 'wire_to_wire_native', typescript: 'wire_to_wire_typescript' };
const LANGUAGES = ['native', 'typescript'];

export async function measureWire(bench) {
  const { directory, options } = bench;
  if (!Object.values(TITLES).some((name) => isWanted(options, name)) && !isWanted(options, 'wire')) {
    return { rows: [] };
  }
  const blocks = options.quick ? QUICK_BLOCKS : BLOCKS;
  const blockMs = options.quick ? QUICK_BLOCK_MS : BLOCK_MS;
  console.log(`wire to wire: ${blocks} blocks of ${blockMs} ms for each of echo, native and TypeScript`);
  const [loadCpu, contestantCpu] = cores();
  const snapshot = join(directory, 'wire-snapshot.json');
  const sizes = ['--blocks', String(blocks), '--block-ms', String(blockMs)];
  const files = ['--capture', CAPTURE, '--snapshot-out', snapshot];
  const load = start('wire-load', [...sizes, ...files, ...pinnedTo(loadCpu)]);
  const ports = await load.next();
  const contestants = {
    echo: start('wire-echo', [
      ...['--market', String(ports.echo.market), '--orders', String(ports.echo.orders)],
      ...pinnedTo(contestantCpu),
    ]),
    ...engines({ ...bench, snapshot, ports, cpu: contestantCpu }),
  };
  await Promise.all(Object.values(contestants).map((contestant) => contestant.next()));
  load.tell(
    `start ${Object.entries(contestants)
      .map(([name, { pid }]) => `${name}=${pid}`)
      .join(' ')}`,
  );
  const measured = await load.next(3 * blocks * (blockMs + 5_000) + 30_000);
  const summaries = {};
  for (const language of LANGUAGES) {
    contestants[language].tell('stop');
    summaries[language] = await contestants[language].next();
  }
  await Promise.all([load, ...Object.values(contestants)].map((each) => each.end()));
  return {
    rows: rowsOf(measured, summaries),
    stages: Object.fromEntries(LANGUAGES.map((language) => [language, summaries[language].stages])),
    details: { wire: { ...measured, summaries } },
  };
}

/** The load gets one core and whoever's turn it is another, where there are two. */
function cores() {
  return availableParallelism() >= 2 ? [0, 1] : [undefined, undefined];
}

function pinnedTo(cpu) {
  return cpu === undefined ? [] : ['--cpu', String(cpu)];
}

function engines({ node, directory, snapshot, ports, cpu }) {
  const assign = (language) =>
    writeAssignment(
      directory,
      language,
      { snapshot, wait: 'busy-spin', cpu: cpu ?? null },
      {
        market: `tcp://127.0.0.1:${ports[language].market}`,
        orders: `tcp://127.0.0.1:${ports[language].orders}`,
        strategy: './strategies/answer.ts',
      },
    );
  const contestant = join(ROOT, 'bench', 'contestant.ts');
  return {
    native: start('wire-native', ['--assignment', assign('native')]),
    typescript: new Program('the TypeScript contestant', node, [...NODE_FLAGS, contestant, assign('typescript')]),
  };
}

/** Writes what an engine under load is told, and returns the file's name. */
export function writeAssignment(directory, name, settings, addresses) {
  const own = join(directory, name);
  mkdirSync(own, { recursive: true });
  const key = join(own, 'key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const file = join(own, 'assignment.json');
  const exchangeInfo = join(ROOT, 'bench', 'exchange_info.json');
  const state = join(own, 'state');
  writeFileSync(
    file,
    JSON.stringify({ ...settings, ...addresses, key, exchange_info: exchangeInfo, state_directory: state }),
  );
  return file;
}

function rowsOf(measured, summaries) {
  const { echo } = measured.contestants;
  const faults = {
    echo: faultOf(echo),
    ...Object.fromEntries(LANGUAGES.map((language) => [language, engineFault(language)])),
  };
  const row = (name, quantile) => {
    const figures = measured.contestants[name];
    const value = figures[`${quantile}_ns`];
    const peerValue = echo[`${quantile}_ns`];
    return {
      name: quantile === 'p50' ? TITLES[name] : `${TITLES[name]}_${quantile}`,
      unit: `ns, median of blocks' ${quantile}`,
      value,
      ...(name !== 'echo' && { peer: 'bare echo', peer_value: peerValue, ratio: value / peerValue }),
      ...(quantile === 'p50' && name !== 'echo' && { goal: GOALS[name] }),
      ...(faults[name] !== undefined && { failure: faults[name] }),
      blocks: figures[`blocks_${quantile}_ns`],
    };
  };
  return ['echo', ...LANGUAGES].flatMap((name) => [row(name, 'p50'), row(name, 'p99')]);

  function engineFault(language) {
    const figures = measured.contestants[language];
    const summary = summaries[language];
    if (figures.order_bytes?.some((bytes, index) => bytes !== echo.order_bytes[index])) {
      return `orders of ${figures.order_bytes.join(' to ')} bytes, but the echo's have ${echo.order_bytes.join(' to ')}`;
    }
    if (summary.gaps > 0 || summary.best[0] !== figures.best[0] || summary.best[1] !== figures.best[1]) {
      return `${summary.gaps} gaps, best prices ${summary.best} where ${figures.best} is right`;
    }
    if (summary.orders !== summary.messages) {
      return `${summary.orders} orders for ${summary.messages} messages`;
    }
    return faultOf(figures);
  }

  function faultOf({ lost, surplus }) {
    if (measured.frames_that_change_nothing > 0 || measured.frames_that_cross_the_book > 0) {
      return 'some frames do not change the book, or cross it';
    }
    return lost + surplus > 0 ? `${lost} frames without an order, ${surplus} orders without a frame` : undefined;
  }
}
