import { delayOption, nameOption, signalOptions, wakeOption } from '../../config/options';
import type { SleepsOn } from '../../constants/events';
import { LONGEST_DELAY_MS, PAYLOAD_BYTES } from '../../constants/limits';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { SignalRequest, Step, StepWrite } from '../../modules/ports/stepStore';
import type { Outcome, Suspended } from '../../modules/task/change';
import { toJson } from '../../modules/task/json';
import { stepKey } from '../../modules/task/stepKey';
import type { Due } from '../../modules/task/task';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import type { ReceivedSignal, StepContext, WaitOptions } from '../../modules/worker/stepContext';
import { timedOut } from '../../modules/worker/runTask';
import { Suspension } from '../../modules/worker/suspension';
import { noteTaken } from '../lease/leaseKeeper';
import type { StepWriter } from '../store/stepWriter';
import type { Attempt } from './attempt';
import { StepBook } from './stepBook';
import type { StepUse } from './stepBook';

/** The parts of the store that steps need. */
export interface StepParts {
  readonly steps: Pick<StepWriter, 'read' | 'record' | 'take'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The durable steps of one attempt. An attempt whose handler calls none has no such object. */
export class AttemptSteps {
  readonly #attempt: Attempt;
  readonly #parts: StepParts;
  readonly #book = new StepBook();
  #reading: Promise<void> | undefined;
  /** The calls of the handler that have not ended. */
  readonly #running = new Set<Promise<unknown>>();
  /** The last take of a signal. They follow each other, so that signals of one name keep their order. */
  #taking: Promise<unknown> = Promise.resolve();
  /** When the sleep of the task ends, on the monotonic clock. */
  #wakeAt = Infinity;

  constructor(attempt: Attempt, parts: StepParts) {
    this.#attempt = attempt;
    this.#parts = parts;
  }

  /** Runs a function once in all attempts, and returns its result as JSON has it. */
  step<T>(name: string, fn: (step: StepContext) => T | Promise<T>): Promise<unknown> {
    return this.#run('step', name, async (recorded) => {
      if (recorded) return parsed(recorded.value);
      const at = this.#book.open(name);
      const { id, signal, task } = this.#attempt;
      const value = textOf(name, await fn({ key: stepKey(id, name), signal, attempt: task.attempt }));
      this.#book.spend(name, value);
      await this.#record({ at, name, kind: 'step', value, end: null });
      return parsed(value);
    });
  }

  async sleepFor(name: string, ms: number): Promise<void> {
    checkOptions(delayOption, ms, 'ms');
    await this.#sleep(name, { delayMs: ms });
  }

  async sleepUntil(name: string, date: Date): Promise<void> {
    checkOptions(wakeOption, date, 'date');
    await this.#sleep(name, { at: new Date(date) });
  }

  /** Returns the next signal of a name, or null if none has come in time. */
  waitForSignal(name: string, options: WaitOptions = {}): Promise<ReceivedSignal | null> {
    return this.#run('signal', name, async (recorded) => {
      const { timeoutMs = null } = resolveOptions(signalOptions, options, 'wait');
      if (recorded && recorded.kind !== 'wait') return receivedOf(recorded);
      const at = recorded?.at ?? this.#book.open(name);
      const step = await this.#take(at, name, timeoutMs);
      if (step.kind === 'wait' && (timeoutMs === 0 || this.#leftMs(step) <= 0)) {
        await this.#record({ at, name, kind: 'timeout', value: null, end: null });
        return null;
      }
      if (step.kind === 'wait') this.#suspend({ kind: 'signal', name }, this.#leftMs(step), [name]);
      return receivedOf(step);
    });
  }

  /** Refuses what a handler begins after its task has begun to sleep, or after it was told to stop. */
  check(): void {
    this.checkAwake();
    this.#checkTold();
  }

  /** Refuses what a handler begins after its task has begun to sleep. */
  checkAwake(): void {
    const { wish } = this.#attempt;
    if (wish?.kind === 'suspended') throw new Suspension(wish.on);
  }

  /** Reading takes time, in which a handler may be told to stop: another worker may have the task by then. */
  #checkTold(): void {
    const { interruption } = this.#attempt;
    if (interruption) throw new HoldfastError(interruption);
  }

  /** Returns the outcome of the attempt when the calls that its handler has begun have ended as well. */
  async end(outcome: Outcome): Promise<Outcome> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    const { wish, interruption, followUps } = this.#attempt;
    if (outcome.kind !== 'suspended' && outcome.kind !== 'succeeded') return outcome;
    if (interruption === 'HOLDFAST_TIMED_OUT') return timedOut();
    // The steps that ran on may have added some.
    if (wish?.kind !== 'suspended') return outcome.kind === 'succeeded' && followUps ? { ...outcome, followUps: followUps.text } : outcome;
    // A store cuts instants to milliseconds: a task that came a millisecond early would sleep once more.
    return { ...wish, delayMs: Math.max(0, Math.ceil(this.#wakeAt - this.#parts.clock.monotonic()) + 1) };
  }

  /** Runs one call of the handler. Nothing but the handler hears of its failure. */
  #run<T>(use: StepUse, name: string, act: (recorded: Step | undefined) => Promise<T>): Promise<T> {
    const running = this.#found(use, name).then(act);
    this.#running.add(running);
    const end = (): void => void this.#running.delete(running);
    running.then(end, end);
    return running;
  }

  /** Returns what an earlier attempt has recorded. A first attempt has nothing to read. */
  async #found(use: StepUse, name: string): Promise<Step | undefined> {
    this.check();
    checkOptions(nameOption, name, 'name');
    const turn = this.#book.use(use, name);
    if (this.#attempt.task.attempt > 1) await (this.#reading ??= this.#read());
    this.#checkTold();
    return this.#book.find(use, name, turn);
  }

  async #read(): Promise<void> {
    const { id, queue } = this.#attempt;
    this.#book.enter(await this.#ask(() => this.#parts.steps.read({ id, queue })));
  }

  async #sleep(name: string, end: Due): Promise<void> {
    await this.#run('sleep', name, async (recorded) => {
      const at = recorded?.at ?? this.#book.open(name);
      if (!recorded) await this.#record({ at, name, kind: 'sleep', value: null, end });
      const until = recorded ? recorded.until : 'at' in end ? end.at : null;
      const leftMs = !recorded && 'delayMs' in end ? end.delayMs : this.#leftMs({ until });
      if (leftMs > 0) this.#suspend({ kind: 'sleep', name }, leftMs, []);
    });
  }

  /** Returns the milliseconds until an instant of the store's clock. They are rather too many than too few. */
  #leftMs({ until }: Pick<Step, 'until'>): number {
    return until === null ? LONGEST_DELAY_MS : until.getTime() - this.#attempt.storeTimeAt(this.#parts.clock.monotonic());
  }

  /** Lets the task sleep: until the first of the ends that its calls wait for, or until one of their signals. */
  #suspend(on: SleepsOn, leftMs: number, signals: readonly string[]): never {
    const wakeAt = this.#parts.clock.monotonic() + leftMs;
    const before = this.#attempt.wish?.kind === 'suspended' ? this.#attempt.wish : undefined;
    const first = before && this.#wakeAt <= wakeAt ? before.on : on;
    this.#wakeAt = Math.min(this.#wakeAt, wakeAt);
    const all = [...new Set([...(before?.signals ?? []), ...signals])];
    const wish: Suspended = { kind: 'suspended', delayMs: leftMs, on: first, signals: all };
    this.#attempt.wish = wish;
    throw new Suspension(on);
  }

  async #record(step: StepWrite['step']): Promise<void> {
    if (!(await this.#ask(() => this.#parts.steps.record({ ...this.#lease(), step })))) this.#lose();
    this.#attempt.noteStep();
  }

  #take(at: number, name: string, timeoutMs: number | null): Promise<Step> {
    const taken = this.#taking.then(async () => {
      this.#book.checkRoom(name);
      const request = (): SignalRequest => ({ ...this.#lease(), at, name, timeoutMs });
      const step = await this.#ask(() => this.#parts.steps.take(request()));
      if (!step) return this.#lose();
      if (step.kind !== 'signal') return step;
      this.#attempt.noteStep();
      this.#book.note(name, step.value);
      return step;
    });
    this.#taking = taken.catch(() => undefined);
    return taken;
  }

  #lease(): Pick<StepWrite, 'id' | 'queue' | 'token' | 'clears'> {
    const { id, queue, token, mayClear } = this.#attempt;
    return { id, queue, token, clears: mayClear };
  }

  #lose(): never {
    noteTaken(this.#attempt);
    throw new HoldfastError('HOLDFAST_LEASE_LOST');
  }

  /** Asks the store until it answers, or until the handler is told to stop: a step that has run must not run again because of an outage. */
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!isUnanswered(error) || isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) throw error;
        if (this.#attempt.interruption) throw new HoldfastError(this.#attempt.interruption, { cause: error });
        await sleep(this.#parts.clock, callRetryDelay(tries, this.#parts.random));
      }
    }
  }
}

const parsed = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));

const receivedOf = ({ kind, value }: Step): ReceivedSignal | null => (kind === 'signal' ? { payload: parsed(value) } : null);

/** Returns the JSON text of a result, null for none. */
function textOf(name: string, result: unknown): string | null {
  if (result === undefined) return null;
  try {
    return toJson(result, 'result', PAYLOAD_BYTES);
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    const { field, expected } = error;
    throw new HoldfastError('HOLDFAST_STEP_RESULT_INVALID', {
      field: name,
      expected: `${field ?? 'result'} to be ${expected ?? 'JSON'}`,
      cause: error,
    });
  }
}
