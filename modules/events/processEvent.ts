import type { EventSink } from '../observe/eventSource';
import type { TaskContext } from '../worker/taskContext';
import { makeEventContext } from './eventContext';
import type { EventPlan } from './eventPlan';
import { PermanentError } from '../task/handlerErrors';
import { isHoldfastError } from '../errors/holdfastError';
import { redactThrown } from '../values/redactThrown';
import { secretsOf } from '../values/secretValues';
import { refOf } from '../task/task';

/** Error for a stored payload that its schema refuses. A retry would be refused as well. */
class PayloadRefused extends PermanentError {
  override readonly name = 'PayloadRefused';
  readonly code = 'HOLDFAST_PAYLOAD_INVALID';
}

/** Parts of the worker that the handler of an event needs. */
interface Surroundings {
  readonly events: Pick<EventSink, 'emit'>;
  readonly workerId: () => string;
  /** Runs a function in which `currentTask` returns this context. */
  readonly within: <T>(context: TaskContext, run: () => T) => T;
}

/** Makes the handler of an event. It checks the stored payload, emits `event-began`, processes the payload, and removes secrets from errors. */
export const processEvent =
  (plan: EventPlan, { events, workerId, within }: Surroundings) =>
  async (context: TaskContext): Promise<unknown> => {
    const stored: unknown = context.payload;
    const tellBegin = (payload: unknown): void => events.emit('event-began', { workerId: workerId(), task: refOf(context), payload });
    const payload = await plan.validate(stored).catch((error: unknown) => {
      tellBegin('[withheld: it is not valid]');
      throw refusalOf(error, stored);
    });
    const shown = plan.show(payload);
    const secrets = payload === stored ? shown.secrets : new Set([...shown.secrets, ...secretsOf(stored, shown.payload)]);
    tellBegin(shown.payload);
    const eventContext = makeEventContext(context, payload, secrets);
    try {
      return await within(eventContext, () => plan.process(payload, eventContext));
    } catch (thrown) {
      throw redactThrown(thrown, secrets);
    }
  };

/** Errors that a schema throws instead of reporting issues may be temporary. */
const refusalOf = (error: unknown, stored: unknown): unknown =>
  isHoldfastError(error, 'HOLDFAST_PAYLOAD_INVALID') ? new PayloadRefused(error.message) : redactThrown(error, secretsOf(stored, undefined));
