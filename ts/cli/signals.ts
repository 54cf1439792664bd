// Asking a command to stop: by signal, by time, by the end of the process that started it.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * A Ctrl-C arrives from the terminal, from npm and from the launcher, almost at once: within this time it counts once.
 * After it, another one means that the person does not want to wait.
 */
const REPEAT_AFTER_MS = 1_500;
const EXIT_CODE_OF_INTERRUPT = 130;
const MOST_TIMER_MS = 2 ** 31 - 1;

/** What asks a command to stop, and why. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** Asks as a first signal does. */
  request(): void;
  /** Starts the clock of `--seconds`. */
  startTimer(seconds: number | undefined): void;
}

/** Listens for everything that stops a command. A second, later signal ends the process on the spot. */
export function stopRequest(onRepeated: () => void = () => {}): StopRequest {
  const controller = new AbortController();
  const request = (): void => controller.abort();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > REPEAT_AFTER_MS) {
      onRepeated();
      process.exit(EXIT_CODE_OF_INTERRUPT);
    }
    request();
  };
  for (const signal of SIGNALS) {
    process.on(signal, onSignal);
  }
  // The launcher is gone, or whoever reads the output is: nobody is left to trade for. It is no wish for haste, however
  // often a line finds no reader, and an error that nobody listens to would end the process with its orders open.
  process.once('disconnect', request);
  process.channel?.unref();
  process.stdout.on('error', request);
  process.stderr.on('error', request);
  return {
    signal: controller.signal,
    request,
    startTimer: (seconds) => {
      if (seconds !== undefined) {
        setTimeout(request, Math.min(seconds * 1000, MOST_TIMER_MS)).unref();
      }
    },
  };
}

/** Resolves when the signal is given, and keeps the process alive until then. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, MOST_TIMER_MS);
    const finish = (): void => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) {
      finish();
    }
    signal.addEventListener('abort', finish, { once: true });
  });
}
