// What the figures were measured on.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** Everything that a reader needs to compare. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    governor: read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') || 'none visible',
    isolated: read('/sys/devices/system/cpu/isolated') || 'none',
    load_average: loadavg()[0]?.toFixed(2) ?? '',
  };
}

function read(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
