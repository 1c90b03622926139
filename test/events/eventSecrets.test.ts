import { expect } from 'chai';
import { Type } from 'typebox';
import { currentTask } from '../../classes/worker/currentTask';
import { defineEvent } from '../../classes/events/declaredEvent';
import { begin, CARD, finished, makeLog } from '../support/eventParts';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const Payment = Type.Object({ card: Type.Object({ number: Type.String() }), order: Type.Integer() });
const PAYMENT = { card: { number: CARD }, order: 7 };

forEachStore('The secrets of an event', (opening) => {
  it('stay out of the log and the kept error where process takes them out of its payload before it throws', async () => {
    const store = await opening.open();
    const log = makeLog();
    const pay = defineEvent({
      name: 'pay',
      schema: Payment,
      sanitize: ({ order }) => ({ order }),
      retry: { maxRetries: 1 },
      process: (payload) => {
        const { card } = payload;
        delete (payload as Partial<typeof payload>).card;
        throw Object.assign(new Error(`declined ${card.number}`), { name: `Declined${card.number}`, code: card.number });
      },
    });
    await begin(store, [pay], log);
    const { id } = await pay.emit(PAYMENT);
    await eventually('its end in the log', () => log.of('task-dead').length > 0);
    const { error, attempts } = (await pay.get(id)) ?? {};
    expect(error?.message).to.equal('declined [redacted]');
    expect(JSON.stringify([log.records, error, attempts])).not.to.include(CARD);
  });

  it('stay out of what currentTask logs, whose payload is the one that process got', async () => {
    const store = await opening.open();
    const log = makeLog();
    let isSame = false;
    const pay = defineEvent({
      name: 'pay',
      schema: Payment,
      sanitize: ({ order }) => ({ order }),
      process: async (payload) => {
        await Promise.resolve();
        currentTask()?.log.info(`charging ${payload.card.number}`);
        isSame = currentTask()?.payload === payload;
      },
    });
    await begin(store, [pay], log);
    await pay.emit(PAYMENT);
    await finished(store, 'pay');
    expect(isSame).to.equal(true);
    expect(log.of('task-log').map(({ message }) => message)).to.satisfy(([line]: string[]) => line?.includes('charging [redacted]'));
    expect(JSON.stringify(log.records)).not.to.include(CARD);
  });

  it('are still in the payload that process gets where sanitize takes them out of its own', async () => {
    const store = await opening.open();
    const log = makeLog();
    const seen: unknown[] = [];
    const pay = defineEvent({
      name: 'pay',
      schema: Payment,
      sanitize: (payload) => {
        delete (payload.card as Partial<typeof payload.card>).number;
        return payload;
      },
      process: (payload, { log: line }) => {
        seen.push(structuredClone(payload));
        line.info(payload.card.number);
      },
    });
    await begin(store, [pay], log);
    await pay.emit(PAYMENT);
    await finished(store, 'pay');
    expect(seen).to.deep.equal([PAYMENT]);
    expect(log.of('event-began')[0]?.payload).to.deep.equal({ card: {}, order: 7 });
    expect(JSON.stringify(log.records)).not.to.include(CARD);
  });
});
