import type { Events } from '../classes/events';
import type { TaskContext } from '../classes/taskContext';
import { makeEventContext } from './eventContext';
import type { EventPlan } from './eventPlan';
import { PermanentError } from './handlerErrors';
import { isHoldfastError } from './holdfastError';
import { redactThrown, secretsOf } from './secrets';
import { refOf } from './task';

/** A stored payload that its schema refuses would be refused every time. */
class PayloadRefused extends PermanentError {
  override readonly name = 'PayloadRefused';
  readonly code = 'HOLDFAST_PAYLOAD_INVALID';
}

/** Makes the handler of an event: checks the stored payload, tells that the event begins, processes it, and lets no secret out in an error. */
export const processEvent =
  (plan: EventPlan, events: Events, workerId: () => string) =>
  async (context: TaskContext): Promise<unknown> => {
    const stored: unknown = context.payload;
    const tellBegin = (payload: unknown): void => events.emit('event-began', { workerId: workerId(), task: refOf(context), payload });
    const payload = await plan.validate(stored).catch((error: unknown) => {
      tellBegin('[withheld: it is not valid]');
      throw refusalOf(error, stored);
    });
    const shown = plan.show(payload);
    const secrets = lazily(() => new Set([...shown.secrets(), ...secretsOf(stored, shown.payload)]));
    tellBegin(shown.payload);
    try {
      return await plan.process(payload, makeEventContext(context, payload, secrets));
    } catch (thrown) {
      throw redactThrown(thrown, secrets());
    }
  };

/** What a schema throws, rather than tells, may pass. */
const refusalOf = (error: unknown, stored: unknown): unknown =>
  isHoldfastError(error, 'HOLDFAST_PAYLOAD_INVALID') ? new PayloadRefused(error.message) : redactThrown(error, secretsOf(stored, undefined));

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
