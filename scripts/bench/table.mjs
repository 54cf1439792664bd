// The one table, for a terminal and for the README.

const HEADER = ['row', 'value', 'unit', 'peer', "peer's value", 'ratio', 'goal'];
const STAGE_HEADER = ['stage', 'p50', 'p99', 'p99.9', 'budget (p99)'];

/** For a terminal. */
export function showText(result) {
  const parts = [
    table(HEADER, result.rows.map(cells)),
    ...notes(result).map((note) => `${note}\n`),
    ...Object.entries(result.stages).map(
      ([language, stages]) => `\nstages wire to wire, ${language}, ns:\n${table(STAGE_HEADER, stages.map(stageCells))}`,
    ),
    `\n${provenance(result)}\n`,
  ];
  return parts.join('');
}

/** For a page. */
export function showMarkdown(result) {
  const markdown = (header, rows) =>
    [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
  const parts = [
    markdown(HEADER, result.rows.map(cells)),
    '\n',
    ...notes(result).map((note) => `- ${note}\n`),
    ...Object.entries(result.stages).map(
      ([language, stages]) =>
        `\nStages wire to wire, ${language}, in nanoseconds:\n\n${markdown(STAGE_HEADER, stages.map(stageCells))}`,
    ),
    `\n${provenance(result)}\n`,
  ];
  return parts.join('');
}

function cells({ name, value, unit, peer, peer_value: peerValue, ratio, goal, budget, failure }) {
  if (failure !== undefined) {
    return [name, 'FAILED', unit, peer ?? '', '', '', ''];
  }
  const wanted = ratio === undefined || goal === undefined ? budget : goal;
  return [
    name,
    figure(value),
    unit,
    peer ?? '',
    figure(peerValue),
    ratio === undefined ? '' : ratio.toFixed(3),
    wanted === undefined
      ? ''
      : `${wanted === 1 ? '< ' : '≤ '}${wanted} ${isMet(value, ratio, goal, budget) ? 'met' : 'missed'}`,
  ];
}

function isMet(value, ratio, goal, budget) {
  const ratioMet = ratio === undefined || goal === undefined || (goal === 1 ? ratio < 1 : ratio <= goal);
  return ratioMet && (budget === undefined || value <= budget);
}

function stageCells({ stage, p50, p99, p999, budget }) {
  const judged = budget === undefined || budget === null ? '' : `${budget} ${p99 <= budget ? 'met' : 'missed'}`;
  return [stage === 'book' ? 'book (a level)' : stage, ...[p50, p99, p999].map(figure), judged];
}

function figure(value) {
  if (value === undefined) {
    return '';
  }
  return value >= 100 ? Math.round(value).toLocaleString('en-GB') : value.toPrecision(3);
}

function notes({ rows, details }) {
  const ofRows = rows
    .filter(({ failure, note }) => failure !== undefined || note !== undefined)
    .map(({ name, failure, note }) => `${name}: ${failure ?? note}`);
  const clock = details.wire?.summaries?.native?.clock_read_ns;
  return clock === undefined ? ofRows : [...ofRows, `reading the clock costs ${clock.toFixed(0)} ns, once a stage`];
}

function provenance({ machine, date, command, quick }) {
  const { cpu, cores, memory_gib: memory, kernel, governor, isolated, load_average: load } = machine;
  return [
    `${cpu}, ${cores} cores, ${memory} GiB; ${kernel}; governor ${governor}; isolated cores ${isolated}; load average at the start ${load}.`,
    `${date.slice(0, 10)}, \`${command}\`${quick ? ' (a quick run: no figures to quote)' : ''}.`,
  ].join('\n');
}

/** Columns of equal width; those with figures to the right. */
function table(header, rows) {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const isText = (column) => column === 0 || ['unit', 'peer'].includes(header[column]);
  const line = (row) =>
    `${row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd()}\n`;
  return [header, widths.map((width) => '─'.repeat(width)), ...rows].map(line).join('');
}
