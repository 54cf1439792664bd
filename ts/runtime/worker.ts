// The trading thread's program: load the strategy, attach to the engine, run the loop until the engine has stopped.

import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import type { AnyStrategy } from '../strategy/define.ts';
import { loadStrategy, StrategyLoadError } from '../strategy/load.ts';
import { StrategyLoop } from '../strategy/loop.ts';
import { readParameters } from '../strategy/parameters.ts';
import { AttachedThread } from './attached-thread.ts';
import type { StartMessage, WorkerAssignment, WorkerMessage } from './messages.ts';

const assignment = workerData as WorkerAssignment;
const port = parentPort as MessagePort;

const strategy = await load();
const parameters = strategy === undefined ? undefined : check(strategy);
if (strategy !== undefined && parameters !== undefined) {
  tell({ kind: 'loaded', name: strategy.name });
  const [{ engineId }] = (await once(port, 'message')) as [StartMessage];
  trade(strategy, parameters, engineId);
}
port.close();

async function load(): Promise<AnyStrategy | undefined> {
  try {
    return await loadStrategy(assignment.strategyFile);
  } catch (error) {
    if (!(error instanceof StrategyLoadError)) {
      throw error;
    }
    tell({ kind: 'load-failed', reason: error.message });
    return undefined;
  }
}

function check(loaded: AnyStrategy): object | undefined {
  const read = readParameters(loaded.parameters ?? {}, assignment.parameters);
  if ('problems' in read) {
    tell({ kind: 'parameters-wrong', problems: read.problems });
    return undefined;
  }
  return read.values;
}

function trade(loaded: AnyStrategy, values: object, engineId: number): void {
  const thread = new AttachedThread(engineId);
  const outcome = new StrategyLoop(thread, assignment.symbols, loaded, values).run();
  thread.detach();
  tell({ kind: 'ended', outcome });
}

function tell(message: WorkerMessage): void {
  port.postMessage(message);
}
