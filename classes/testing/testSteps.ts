import type { SignalRequest, Step, StepWrite } from '../../modules/ports/stepStore';
import { instantAfter } from '../../modules/time/instantAfter';
import type { StepParts } from '../worker/attemptSteps';
import type { TestClock } from './testClock';

type Sent = Pick<Step, 'name'> & { readonly payload: string };

/** The steps and signals of a task under test, in memory. */
export class TestSteps {
  readonly #clock: TestClock;
  readonly #steps = new Map<number, Step>();
  #signals: Sent[] = [];

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  /** The results of steps by their names. */
  get results(): Readonly<Record<string, unknown>> {
    const steps = [...this.#steps.values()].filter(({ kind }) => kind === 'step');
    return Object.fromEntries(steps.map(({ name, value }) => [name, value === null ? undefined : (JSON.parse(value) as unknown)]));
  }

  send(name: string, payload: string): void {
    this.#signals.push({ name, payload });
  }

  readonly read: StepParts['steps']['read'] = () => Promise.resolve([...this.#steps.values()].sort((a, b) => a.at - b.at));

  readonly record: StepParts['steps']['record'] = ({ step: { end, ...step } }: StepWrite) => {
    this.#put({ ...step, until: end === null ? null : 'at' in end ? end.at : this.#after(end.delayMs) });
    return Promise.resolve(true);
  };

  readonly take: StepParts['steps']['take'] = ({ at, name, timeoutMs }: SignalRequest) => {
    const signal = this.#signals.find((sent) => sent.name === name);
    this.#signals = this.#signals.filter((sent) => sent !== signal);
    if (signal) return Promise.resolve(this.#put({ at, name, kind: 'signal', value: signal.payload, until: null }));
    const until = timeoutMs === null ? null : this.#after(timeoutMs);
    return Promise.resolve(this.#steps.get(at) ?? this.#put({ at, name, kind: 'wait', value: null, until }));
  };

  #after(ms: number): Date {
    return instantAfter(this.#clock.now(), ms);
  }

  #put(step: Step): Step {
    this.#steps.set(step.at, step);
    return step;
  }
}
