import { expect } from 'chai';
import { defineEvent } from '../../classes/events/declaredEvent';
import type { EventContext } from '../../modules/events/eventContext';
import { Mail, trimmed } from '../support/eventParts';
import { refusalOf } from '../support/eventually';

describe('defineEvent', () => {
  const codeOf = async (options: object): Promise<string> =>
    (await refusalOf(() => defineEvent({ name: 'mail', schema: Mail, process: () => 0, ...options }))).code;

  it('refuses what an option cannot take, and options that there are not', async () => {
    const bad = [
      { name: '' },
      { schema: 7 },
      { process: 'no' },
      { concurrency: 0 },
      { concurrency: 1.5 },
      { timeoutMs: 0 },
      { redact: 'card' },
      { retry: { maxRetries: 0 } },
      { retry: { backoff: 7 } },
      { repeat: { cron: 'never', payload: {} } },
      { repeat: { payload: {} } },
      { repeat: { cron: '@daily', everyMs: 1_000, payload: {} } },
      { hooks: { onDead: 1 } },
      { retention: { succeededLast: -1 } },
    ];
    for (const options of bad) expect(await codeOf(options), JSON.stringify(options)).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf({ repeat: { cron: '0 0 30 2 *', payload: {} } })).to.equal('HOLDFAST_SCHEDULE_NEVER');
    for (const options of [
      { often: true },
      { retry: { times: 3 } },
      { hooks: { onEnd: () => 0 } },
      { repeat: { cron: '@daily', payload: {}, tz: 'UTC' } },
    ]) {
      expect(await codeOf(options), JSON.stringify(options)).to.equal('HOLDFAST_OPTION_UNKNOWN');
    }
  });

  it('says of a back-off what is wrong in it, as a task does', async () => {
    const refusal = (backoff: object) =>
      refusalOf(() => defineEvent({ name: 'mail', schema: Mail, process: () => 0, retry: { backoff: backoff as never } }));
    expect(await refusal({ type: 'fixed', delayMs: -1 })).to.include({ field: 'event.retry.backoff.delayMs' });
    expect((await refusal({ type: 'never' })).message).to.include('backoff.type must be one of fixed, exponential, custom, got "never"');
    expect((await refusal({ type: 'exponential', minMs: 5, maxMs: 1 })).message).to.include('an object whose minMs is at most its maxMs. ');
  });

  it('has no store until it is given one', async () => {
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });
    for (const use of [() => mail.emit({ to: 'a' }), () => mail.start(), () => mail.stats()])
      expect((await refusalOf(use)).code).to.equal('HOLDFAST_EVENT_UNBOUND');
    await mail.stop();
  });

  it('carries its types from the schema to emit, process, sanitize and the result', () => {
    const typed = defineEvent({
      name: 'typed',
      schema: trimmed,
      sanitize: (payload) => payload.length satisfies number,
      process: (payload, context: EventContext<{ name: string; length: number }>) => ({
        at: new Date(context.attempt),
        n: payload.length satisfies number,
      }),
    });
    const mail = defineEvent({
      name: 'mail',
      schema: Mail,
      process: ({ to }) => to.length,
      unique: ({ to }) => to,
      repeat: { cron: '@daily', payload: { to: 'a' } },
    });
    const uses = async (): Promise<void> => {
      await typed.emit({ name: 'Ada' });
      // @ts-expect-error the schema does not accept a number
      await typed.emit({ name: 7 });
      // @ts-expect-error emit takes the input of the schema, not its output
      await typed.emit({ length: 7 });
      // @ts-expect-error a field is missing
      await mail.emit({});
      // @ts-expect-error the option does not exist
      await mail.emit({ to: 'a' }, { often: true });
      const result = (await typed.get('id'))?.result;
      result?.at satisfies string | undefined;
      result?.n satisfies number | undefined;
      // @ts-expect-error JSON turns a Date into a string
      result?.at satisfies Date | undefined;
      (await mail.get('id'))?.payload.to satisfies string | undefined;
    };
    // @ts-expect-error the payload has no such field
    defineEvent({ name: 'bad', schema: Mail, process: ({ too }) => too as unknown });
    expect(uses).to.be.a('function');
  });
});
