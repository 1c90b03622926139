import { RetryAfter, PermanentError } from '../../../modules/task/handlerErrors';
import type { TaskContext } from '../../../modules/worker/taskContext';
import { sleep } from '../../../modules/time/clock';
import type { Clock, Random } from '../../../modules/time/clock';

/** The behaviours of handlers. The payload of a task is one of them. */
export const KINDS = ['quick', 'slow', 'stubborn', 'failing', 'flaky', 'permanent', 'later', 'after', 'durable', 'poison'] as const;

export type Kind = (typeof KINDS)[number];

/** The surroundings of a handler. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly context: Pick<TaskContext, 'step' | 'sleepFor'>;
  /** Tells that the function of a step runs. */
  readonly onStep: (name: string) => void;
  /** Ends the process. Never resolves. */
  crash(): Promise<never>;
}

/** The work of each kind of task. `slow` and `stubborn` outlast a lease. */
export const BEHAVIOURS: Readonly<Record<Kind, (around: Surroundings) => Promise<void>>> = {
  quick: ({ clock, random }) => sleep(clock, random() * 200),
  // A follow-up, which adds no others.
  after: ({ clock, random }) => sleep(clock, random() * 100),
  slow: obedientSleep,
  stubborn: ({ clock, random }) => sleep(clock, 1_000 + random() * 8_000),
  failing: async ({ clock, random }) => {
    await sleep(clock, random() * 100);
    throw new Error('always');
  },
  flaky: async ({ clock, random }) => {
    await sleep(clock, random() * 100);
    if (random() < 0.5) throw new Error('by chance');
  },
  permanent: () => Promise.reject(new PermanentError('never again')),
  later: async ({ clock, random }) => {
    await sleep(clock, 10);
    if (random() < 0.6) throw new RetryAfter(500, 'not yet');
  },
  durable: async ({ context, clock, random, onStep }) => {
    for (const name of ['first', 'second', 'third']) {
      await context.step(name, async () => {
        onStep(name);
        await sleep(clock, random() * 200);
        if (random() < 0.2) throw new Error('by chance');
      });
      await context.sleepFor(`after ${name}`, 300);
    }
  },
  poison: async (around) => {
    await sleep(around.clock, 50);
    await around.crash();
  },
};

/** Adds one or two follow-ups for the case that the attempt succeeds. */
export function addFollowUps(add: TaskContext['add'], random: Random): void {
  const options = random() < 0.3 ? { retention: { succeededMs: 0 } } : {};
  add(random() < 0.5 ? 'a' : 'b', 'work', 'after', { maxRetries: 100, ...options });
  if (random() < 0.5) add('a', 'work', 'after', { maxRetries: 100, delayMs: Math.floor(random() * 2_000) });
}

/** Sleeps until its signal fires. */
function obedientSleep({ clock, random, signal }: Surroundings): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(1_000 + random() * 8_000, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      reject(signal.reason);
    });
  });
}
