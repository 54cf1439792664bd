// The end of a run in figures: a table for people and an object for machines.

import type { Status, Summary } from '../../bindings/index.d.ts';

/** The summary as `--json` writes it. Amounts are decimal texts, latencies nanoseconds. */
export interface SummaryRecord {
  readonly messages: number;
  readonly book_updates: number;
  readonly gaps: number;
  readonly orders: number;
  readonly fills: number;
  /** By source (`venue`, `risk`) and reason. */
  readonly rejects: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of the first instrument, in its base asset. */
  readonly position: string;
  /** Of the first instrument, in its quote asset, net of fees, marked at mid. */
  readonly pnl: string;
  readonly instruments: Summary['positions'];
  readonly latency_ns: Readonly<Record<string, LatencyRecord>>;
  readonly waiting: string;
  readonly clock_read_ns: number;
  readonly allocations: number;
  /** Frames that could not be decoded. */
  readonly malformed: number;
  /** What was lost because somebody could not keep up. */
  readonly dropped: { readonly events: number; readonly notices: number; readonly telemetry: number };
  readonly orders_left: number;
  readonly failure: string | null;
}

interface LatencyRecord {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly count: number;
}

/** The summary for machines. */
export function summaryRecord(summary: Summary, failure: string | undefined): SummaryRecord {
  const rejects: Record<string, Record<string, number>> = { venue: {}, risk: {} };
  for (const { source, reason, count } of summary.rejects) {
    rejects[source] = { ...rejects[source], [reason]: count };
  }
  const measured = summary.stages.filter(({ count }) => count > 0);
  return {
    messages: summary.messages,
    book_updates: summary.bookUpdates,
    gaps: summary.gaps,
    orders: summary.orders,
    fills: summary.fills,
    rejects,
    position: summary.positions[0]?.position ?? '0',
    pnl: summary.positions[0]?.pnl ?? '0',
    instruments: summary.positions,
    latency_ns: Object.fromEntries(
      measured.map(({ stage, p50, p99, p999, max, count }) => [stage, { p50, p99, p999, max, count }]),
    ),
    waiting: summary.waiting,
    clock_read_ns: Number(summary.clockReadNs.toFixed(1)),
    allocations: summary.allocations,
    malformed: summary.malformed,
    dropped: {
      events: summary.eventsDropped,
      notices: summary.noticesDropped,
      telemetry: summary.telemetryDropped,
    },
    orders_left: summary.ordersLeft,
    failure: failure ?? null,
  };
}

/** The summary of a run that was stopped before there was an engine. */
export function emptySummary(waiting: string): Summary {
  return {
    messages: 0,
    bookUpdates: 0,
    gaps: 0,
    orders: 0,
    fills: 0,
    rejects: [],
    positions: [],
    stages: [],
    clockReadNs: 0,
    waiting,
    allocations: 0,
    malformed: 0,
    telemetryDropped: 0,
    noticesDropped: 0,
    eventsDropped: 0,
    ordersLeft: 0,
  };
}

/** The summary for people. */
export function summaryText(summary: Summary): string {
  return [...countLines(summary), '', ...latencyLines(summary), ''].join('\n');
}

/** One line about a running engine. */
export function statusText(status: Status, elapsedMs: number): string {
  const parts = [clockText(elapsedMs)];
  if (status.instruments.every(({ bid }) => Number.isNaN(bid))) {
    parts.push('waiting for the book');
  }
  for (const { symbol, bid, ask, position, pnl, stale } of status.instruments) {
    if (!Number.isNaN(bid) || !Number.isNaN(ask)) {
      parts.push(`${symbol} ${pricesText(bid, ask)}${stale ? ' stale' : ''}`);
      parts.push(`position ${trimmed(position, 8)}`, `P&L ${pnl.toFixed(2)}`);
    }
  }
  parts.push(`orders ${grouped(status.orders)}`, `fills ${grouped(status.fills)}`);
  parts.push(`messages ${grouped(status.messages)}`);
  if (!status.ordersPossible) {
    parts.push('no orders possible');
  }
  return parts.join('  ');
}

function countLines(summary: Summary): string[] {
  const lines = [
    field('market data', `${grouped(summary.messages)} messages, ${grouped(summary.bookUpdates)} book updates`),
    field('gaps', grouped(summary.gaps)),
    field('orders', grouped(summary.orders)),
    field('fills', grouped(summary.fills)),
    field('rejects', rejectsText(summary.rejects)),
  ];
  for (const { symbol, base, quote, position, pnl, fees, otherFees } of summary.positions) {
    lines.push(
      field(symbol, `position ${position} ${base}, P&L ${cents(pnl)} ${quote} net of ${cents(fees)} ${quote} fees`),
    );
    if (otherFees.length > 0) {
      lines.push(field('', `not in it, fees in other assets: ${otherFees.join(', ')}`));
    }
  }
  lines.push(...lossLines(summary));
  if (summary.ordersLeft > 0) {
    lines.push(field('left open', `${summary.ordersLeft} orders were not confirmed cancelled; look at the venue`));
  }
  return lines;
}

/** What was lost on the way, named only where there was something. */
function lossLines({ malformed, eventsDropped, noticesDropped, telemetryDropped }: Summary): string[] {
  const losses: [number, string][] = [
    [malformed, 'frames could not be decoded'],
    [eventsDropped, 'events did not reach the strategy'],
    [noticesDropped, 'log lines were lost'],
    [telemetryDropped, 'latency records were lost'],
  ];
  return losses.filter(([count]) => count > 0).map(([count, what]) => field('lost', `${grouped(count)} ${what}`));
}

function latencyLines({ stages, waiting, clockReadNs }: Summary): string[] {
  const header = row('latency', ['p50', 'p99', 'p99.9', 'max', 'count', 'budget p99']);
  const rows = stages
    .filter(({ count }) => count > 0)
    .map(({ stage, p50, p99, p999, max, count, budget }) =>
      row(stage, [
        ...[p50, p99, p999, max].map(durationText),
        grouped(count),
        budget === undefined ? '' : `${durationText(budget)} ${p99 <= budget ? 'kept' : 'missed'}`,
      ]),
    );
  return [
    header,
    ...rows,
    `waiting: ${waiting}; a stage's time includes reading the clock once, about ${durationText(clockReadNs)}`,
  ];
}

function rejectsText(rejects: Summary['rejects']): string {
  if (rejects.length === 0) {
    return 'none';
  }
  return rejects.map(({ source, reason, count }) => `${grouped(count)} ${source} ${reason}`).join(', ');
}

function field(name: string, text: string): string {
  return `${name.padEnd(12)} ${text}`;
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(10), ...cells.map((cell, index) => cell.padStart(index === 5 ? 18 : 11))].join('').trimEnd();
}

/** Nanoseconds in the unit that fits. */
export function durationText(nanoseconds: number): string {
  if (nanoseconds < 1_000) {
    return `${Math.round(nanoseconds)} ns`;
  }
  if (nanoseconds < 1_000_000) {
    return `${(nanoseconds / 1_000).toFixed(1)} µs`;
  }
  return `${(nanoseconds / 1_000_000).toFixed(1)} ms`;
}

function clockText(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Both with as many decimals as the longer one, so that the line does not jump. */
function pricesText(bid: number, ask: number): string {
  const decimals = Math.max(decimalsOf(bid), decimalsOf(ask));
  return `${bid.toFixed(decimals)} / ${ask.toFixed(decimals)}`;
}

function decimalsOf(price: number): number {
  return Number.isFinite(price) ? (String(price).split('.')[1]?.length ?? 0) : 0;
}

/** An amount for the eye, to the hundredth; exact decimals are in the record for machines. */
function cents(amount: string): string {
  return Number(amount).toFixed(2);
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
