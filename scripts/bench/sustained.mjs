// The recorded mix of messages at 100,000 a second: nothing may be lost, and the book must be right at the end.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isWanted } from './options.mjs';
import { CAPTURE, start } from './programs.mjs';
import { writeAssignment } from './wire.mjs';

const RATE = 100_000;
const SECONDS = 60;
const QUICK_SECONDS = 10;
/** How long the engine may take to read what is still under way when the load has ended. */
const CATCH_UP_MS = 2_000;
const CATCH_UP_PAUSE_MS = 10;

const FRAMINGS = {
  tcp: (port) => `tcp://127.0.0.1:${port}`,
  websocket: (port) => `ws://127.0.0.1:${port}/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade`,
};

export async function measureSustained(bench) {
  const rows = [];
  const details = {};
  for (const framing of Object.keys(FRAMINGS)) {
    const name = `sustained_messages_${framing}`;
    if (isWanted(bench.options, name)) {
      details[name] = await measure(bench, framing);
      rows.push(rowOf(name, details[name]));
    }
  }
  return { rows, details };
}

async function measure({ directory, options }, framing) {
  const seconds = options.quick ? QUICK_SECONDS : SECONDS;
  console.log(`sustained messages over ${framing}: ${RATE} a second for ${seconds} s`);
  const snapshot = join(directory, `${framing}-snapshot.json`);
  const load = start('sustained-load', [
    ...['--rate', String(RATE), '--seconds', String(seconds), '--framing', framing],
    ...['--capture', CAPTURE, '--snapshot-out', snapshot],
  ]);
  const ports = await load.next();
  const assignment = writeAssignment(
    directory,
    framing,
    { snapshot, wait: 'backoff', cpu: null },
    {
      market: FRAMINGS[framing](ports.market),
      orders: `tcp://127.0.0.1:${ports.orders}`,
    },
  );
  const engine = start('sustained-native', ['--assignment', assignment]);
  await engine.next();
  const before = await mark(engine);
  load.tell('start');
  const sent = await load.next((seconds + 60) * 1_000);
  const after = await caughtUp(engine, before.messages + sent.messages);
  engine.tell('stop');
  const summary = await engine.next();
  await Promise.all([load.end(), engine.end()]);
  return { sent, before, after, summary };
}

function mark(engine) {
  engine.tell('mark');
  return engine.next();
}

async function caughtUp(engine, messages) {
  const deadline = performance.now() + CATCH_UP_MS;
  let now = await mark(engine);
  while (now.messages < messages && performance.now() < deadline) {
    await sleep(CATCH_UP_PAUSE_MS);
    now = await mark(engine);
  }
  return now;
}

function rowOf(name, { sent, before, after, summary }) {
  const received = after.messages - before.messages;
  const perSecond = Math.round((sent.messages / sent.elapsed_ms) * 1_000);
  const failure = faultOf({ sent, received, after, summary, perSecond });
  return {
    name,
    unit: 'ns of processor time a message',
    value: ((after.cpu_us - before.cpu_us) * 1_000) / received,
    note: `${perSecond} messages/s for ${(sent.elapsed_ms / 1_000).toFixed(0)} s, ${(sent.bytes / sent.messages).toFixed(0)} bytes each, book right at the end`,
    ...(failure !== undefined && { failure, note: undefined }),
  };
}

function faultOf({ sent, received, after, summary, perSecond }) {
  if (received !== sent.messages || after.gaps > 0 || after.malformed > 0) {
    return `${sent.messages - received} messages missing, ${after.gaps} gaps, ${after.malformed} malformed`;
  }
  if (summary.book !== sent.book) {
    return `the book is ${summary.book} where ${sent.book} is right`;
  }
  return perSecond < RATE * 0.99 ? `only ${perSecond} messages a second were taken` : undefined;
}
