import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { EXIT_CODES } from '../../constants/exitCodes';
import { MINUTE, SECOND } from '../../constants/limits';
import { SERVES } from '../../constants/processMessages';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { AskingSignal } from '../async/onSignal';
import { doubling } from '../../modules/time/doubling';

/** Bounds of the delay before a process that died is started again. The delay doubles with each death. */
const RESTART_MIN_MS = SECOND;
const RESTART_MAX_MS = MINUTE / 2;

/** Lifetime after which the delay of a process is reset. */
const HEALTHY_MS = MINUTE;

/** Parts of a supervisor. */
export interface Supervised {
  /** Script of each process. */
  readonly script: string;
  /** Returns the arguments of a process. Numbers begin at 1. */
  readonly argumentsOf: (number: number) => readonly string[];
  readonly processes: number;
  readonly clock: Clock;
  readonly output: Writable;
}

interface Seat {
  readonly number: number;
  child: ChildProcess | undefined;
  /** True if its process serves: one that has only begun would be ended or suspended by a signal for workers. */
  serves: boolean;
  deaths: number;
  /** The exit code of the first process of the seat, null after a signal; undefined while it runs. */
  firstCode: number | null | undefined;
  /** Set while a restart is scheduled. */
  cancelRestart: Cancel | undefined;
}

/**
 * Runs several processes of one script: prefixes their output lines, restarts a process that dies, and stops all together.
 *
 * If no process has ever reached the store, its URL or its login is probably wrong, and none is restarted.
 */
export class Supervisor {
  readonly #supervised: Supervised;
  readonly #seats: readonly Seat[];
  readonly #ended: Promise<number>;
  #onEnd: (code: number) => void = () => undefined;
  #code = 0;
  #stopping = false;
  #hasServed = false;
  #isQuiet = false;

  constructor(supervised: Supervised) {
    this.#supervised = supervised;
    this.#ended = new Promise((resolve) => (this.#onEnd = resolve));
    this.#seats = Array.from({ length: supervised.processes }, (_, index) => ({
      number: index + 1,
      child: undefined,
      serves: false,
      deaths: 0,
      firstCode: undefined,
      cancelRestart: undefined,
    }));
  }

  /** Starts the processes. Resolves with the exit code when all have ended and no restart is scheduled. */
  run(): Promise<number> {
    for (const seat of this.#seats) this.#start(seat);
    return this.#ended;
  }

  /** Sends SIGTERM to every process, and cancels restarts. A second call sends it again, which makes the processes skip the grace period. */
  stop(): void {
    this.#stopping = true;
    for (const seat of this.#seats) {
      seat.cancelRestart?.();
      seat.cancelRestart = undefined;
      seat.child?.kill('SIGTERM');
    }
    this.#endIfOver();
  }

  /** Passes a signal on to every process that serves. One that starts later takes nothing either. */
  tell(signal: AskingSignal): void {
    if (signal === 'SIGTSTP') this.#isQuiet = true;
    for (const { child, serves } of this.#seats) if (serves) child?.kill(signal);
  }

  #start(seat: Seat): void {
    const { script, argumentsOf, clock } = this.#supervised;
    const child = fork(script, argumentsOf(seat.number), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const startedAt = clock.monotonic();
    seat.child = child;
    seat.serves = false;
    this.#prefix(seat, child.stdout);
    this.#prefix(seat, child.stderr);
    const noteEnd = (code: number | null, cause: string): void => {
      if (seat.child !== child) return;
      seat.child = undefined;
      if (clock.monotonic() - startedAt > HEALTHY_MS) seat.deaths = 0;
      if (seat.firstCode === undefined) seat.firstCode = code;
      this.#noteEnd(seat, code, cause);
    };
    child.once('exit', (code, signal) => noteEnd(code, signal ?? `exit code ${String(code)}`));
    child.on('message', (message) => {
      if (message !== SERVES) return;
      this.#hasServed = true;
      seat.serves = true;
      if (this.#isQuiet) child.kill('SIGTSTP');
    });
    // A process that could not be started emits an error, and not always an exit.
    child.once('error', (error) => noteEnd(null, error.message));
  }

  #noteEnd(seat: Seat, code: number | null, cause: string): void {
    if (!this.#hasServed && this.#seats.every(({ firstCode }) => foundNoStore(firstCode))) this.#giveUp(code ?? EXIT_CODES.unavailable);
    // Wrong flags stay wrong, so the process is not restarted.
    if (code === EXIT_CODES.wrongUse) this.#code = EXIT_CODES.wrongUse;
    else if (code !== 0 && !this.#stopping) this.#restart(seat, cause);
    this.#endIfOver();
  }

  #giveUp(code: number): void {
    this.#code = code;
    this.stop();
  }

  #restart(seat: Seat, cause: string): void {
    const delayMs = doubling(RESTART_MIN_MS, seat.deaths, RESTART_MAX_MS);
    seat.deaths += 1;
    this.#write(seat, `died by ${cause}, starts again in ${delayMs / SECOND} ${delayMs === SECOND ? 'second' : 'seconds'}`);
    seat.cancelRestart = this.#supervised.clock.after(delayMs, () => {
      seat.cancelRestart = undefined;
      this.#start(seat);
    });
  }

  #endIfOver(): void {
    if (this.#seats.every(({ child, cancelRestart }) => !child && !cancelRestart)) this.#onEnd(this.#code);
  }

  #prefix(seat: Seat, stream: Readable | null): void {
    if (stream) createInterface({ input: stream }).on('line', (line) => this.#write(seat, line));
  }

  #write(seat: Seat, line: string): void {
    this.#supervised.output.write(`${seat.number} | ${line}\n`);
  }
}

const foundNoStore = (code: number | null | undefined): boolean => code === EXIT_CODES.unavailable || code === EXIT_CODES.refused;
