// The native trading thread behind the interface that strategies are written against. Arguments go into the shared memory
// and the native functions take none: a call with arguments would cost the addon an allocation.

import type { TradingThread } from '../../bindings/index.d.ts';
import { native } from '../native.ts';
import * as layout from '../strategy/layout.ts';
import { type NativeThread, viewMemory } from '../strategy/memory.ts';

const { poll, submit, cancel, replace, cancelAll, setTimer, depth } = native.trading;

/** This thread as the one that drives an engine. */
export class AttachedThread implements NativeThread {
  readonly #thread: TradingThread;
  readonly #i32: Int32Array;

  /** Throws while another thread drives the engine. */
  constructor(engineId: number) {
    this.#thread = new native.TradingThread(engineId);
    this.#i32 = viewMemory(this.#thread).i32;
  }

  memory(): ArrayBuffer {
    return this.#thread.memory();
  }

  poll(): number {
    return poll();
  }

  submit(): number {
    return submit();
  }

  cancel(handle: number): number {
    this.#i32[layout.I32_COMMAND_ORDER] = handle;
    return cancel();
  }

  replace(handle: number): number {
    this.#i32[layout.I32_COMMAND_ORDER] = handle;
    return replace();
  }

  cancelAll(instrument: number): number {
    this.#i32[layout.I32_COMMAND_INSTRUMENT] = instrument;
    return cancelAll();
  }

  setTimer(id: number): void {
    this.#i32[layout.I32_COMMAND_TIMER] = id;
    setTimer();
  }

  depth(instrument: number, levels: number): void {
    this.#i32[layout.I32_COMMAND_INSTRUMENT] = instrument;
    this.#i32[layout.I32_COMMAND_LEVELS] = levels;
    depth();
  }

  log(level: number, text: string): void {
    this.#thread.log(level, text);
  }

  strategyFailed(reason: string): void {
    this.#thread.strategyFailed(reason);
  }

  /** Gives the engine up. Only `memory()` may be used afterwards. */
  detach(): void {
    this.#thread.detach();
  }
}
