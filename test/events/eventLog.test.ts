import { expect } from 'chai';
import { Type } from 'typebox';
import { defineEvent } from '../../classes/events/declaredEvent';
import { Queue } from '../../classes/queue/queue';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { logEvents } from '../../modules/observe/logEvents';
import { begin, CARD, finished, Mail, makeLog, trimmed } from '../support/eventParts';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** The fields of every line. */
const FIELDS = 'attempt durationMs error event id label level message name outcome payload queue workerId'.split(' ');

forEachStore('Declared events', (opening) => {
  it('are processed with their UUID, which the log has at begin and end with attempt, duration and outcome', async () => {
    const store = await opening.open();
    const log = makeLog();
    const seen: unknown[] = [];
    const mail = defineEvent({
      name: 'mail',
      schema: Mail,
      sanitize: ({ to }) => ({ domain: to.split('@')[1] }),
      process: ({ to }, { id, attempt, payload }) => void seen.push([to, id, attempt, payload.to]),
    });
    await begin(store, [mail], log);
    const { id } = await mail.emit({ to: 'a@example.org' });
    await eventually('its end in the log', () => log.of('task-succeeded').length > 0);
    expect(seen).to.deep.equal([['a@example.org', id, 1, 'a@example.org']]);
    const lines = log.records.filter((record) => record.id === id);
    expect(lines.map(({ event, level, label }) => [event, level, label])).to.deep.equal([
      ['event-began', 'info', 'event'],
      ['task-succeeded', 'info', 'event'],
    ]);
    expect(lines[0]).to.deep.include({ attempt: 1, payload: { domain: 'example.org' }, queue: 'mail' });
    expect(lines[1]).to.include({ attempt: 1, outcome: 'succeeded' });
    expect(lines[1]?.durationMs).to.be.a('number');
    for (const line of lines) expect(line.message).to.include(id);
  });

  it('are logged once, however often the log of their store is asked for, before or after, and until the last has ended it', async () => {
    const store = await opening.open();
    const log = makeLog();
    const endFirst = logEvents(store.events, log.logger);
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 'sent' });
    await begin(store, [mail], log);
    logEvents(store.events, log.logger)();
    endFirst();
    endFirst();
    await mail.emit({ to: 'a' });
    await eventually('its end in the log', () => log.of('task-succeeded').length > 0);
    for (const event of ['event-began', 'task-succeeded', 'worker-started'] as const) expect(log.of(event), event).to.have.length(1);
    expect(log.of('task-succeeded')[0]).to.include({ label: 'event' });
  });

  it('that snooze are logged at begin and end as well', async () => {
    const store = await opening.open();
    const log = makeLog();
    const poll = defineEvent({ name: 'poll', schema: Mail, process: (_, { attempt, snooze }) => (attempt === 1 ? snooze(1) : 'there') });
    await begin(store, [poll], log);
    await poll.emit({ to: 'a' });
    await finished(store, 'poll');
    const [line] = log.of('task-snoozed');
    expect(line).to.include({ level: 'info', label: 'event', attempt: 1, outcome: 'snoozed' });
    expect(line?.durationMs).to.be.a('number');
  });

  it('refuse a payload that the schema refuses, with the path of each fault and no value, and log it once', async () => {
    const store = await opening.open();
    const log = makeLog();
    const schema = Type.Object({ card: Type.Object({ number: Type.Integer() }), items: Type.Array(Type.String()) }, { additionalProperties: false });
    const pay = defineEvent({ name: 'pay', schema, process: () => 0 });
    const named = defineEvent({ name: 'named', schema: trimmed, process: () => 0 });
    await begin(store, [pay, named], log);
    const refusal = await refusalOf(() => pay.emit({ card: { number: CARD }, items: ['a', 7] } as never));
    expect(refusal.code).to.equal('HOLDFAST_PAYLOAD_INVALID');
    expect(refusal.paths).to.deep.equal(['payload.card.number', 'payload.items[1]']);
    expect((await refusalOf(() => pay.emit({ card: {} } as never))).paths).to.have.members(['payload.card.number', 'payload.items']);
    expect((await refusalOf(() => named.emit({} as never))).paths).to.deep.equal(['payload.name', 'payload["a b"][0]']);
    expect((await refusalOf(() => pay.emitMany([{ card: { number: 1 }, items: [] }, {} as never]))).code).to.equal('HOLDFAST_PAYLOAD_INVALID');
    expect((await pay.stats()).counts.waiting).to.equal(0);
    expect(log.of('payload-refused')).to.have.length(4);
    expect(JSON.stringify(log.records) + refusal.message).not.to.include(CARD);
  });

  it('are dead at once where a stored payload no longer fits, with that reason', async () => {
    const store = await opening.open();
    const log = makeLog();
    let runs = 0;
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => (runs += 1) });
    const { id } = await new Queue(store, 'mail').add('mail', { too: CARD });
    await begin(store, [mail], log);
    await eventually('its end in the log', () => log.of('task-dead').length > 0);
    expect(await mail.get(id)).to.include({ state: 'dead', attempt: 1 });
    expect((await mail.get(id))?.error).to.include({ code: 'HOLDFAST_PAYLOAD_INVALID' });
    expect(log.of('task-dead')).to.have.length(1);
    expect(log.of('task-dead')[0]?.error).to.include({ code: 'HOLDFAST_PAYLOAD_INVALID' });
    expect(JSON.stringify(log.records)).not.to.include(CARD);
    expect(runs).to.equal(0);
  });

  it('let no secret of a payload, of an error or of headers into the log, the kept error or an event', async () => {
    const store = await opening.open();
    const log = makeLog();
    const told: unknown[] = [];
    for (const name of ['event-began', 'task-retried', 'task-dead', 'task-log'] as const) store.events.on(name, (event) => void told.push(event));
    const schema = Type.Object({ card: Type.String(), headers: Type.Object({ authorization: Type.String() }), order: Type.Integer() });
    const pay = defineEvent({
      name: 'pay',
      schema,
      redact: ['card'],
      retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 1 } },
      process: ({ card, headers }, { log: line }) => {
        line.info(`charging ${card}`);
        throw Object.assign(new Error(`declined: ${card}, sent ${headers.authorization}`), { cause: { card } });
      },
    });
    await begin(store, [pay], log);
    const { id } = await pay.emit({ card: CARD, headers: { authorization: 'Bearer s3cr3t-token' }, order: 7 });
    await eventually('its end in the log', () => log.of('task-dead').length > 0);
    const stored = await pay.get(id);
    expect(log.of('event-began')[0]?.payload).to.deep.equal({ card: '[redacted]', headers: { authorization: '[redacted]' }, order: 7 });
    expect(stored?.error?.message).to.include('declined: [redacted]');
    const all = JSON.stringify([log.records, told, stored?.error, stored === null ? null : (stored as { history?: unknown }).history]);
    for (const secret of [CARD, 's3cr3t-token']) expect(all, secret).not.to.include(secret);
  });

  it('are logged without their payload, and processed all the same, where sanitize throws', async () => {
    const store = await opening.open();
    const log = makeLog();
    const mail = defineEvent({
      name: 'mail',
      schema: Mail,
      process: () => 0,
      sanitize: ({ to }) => {
        throw new RangeError(to);
      },
    });
    await begin(store, [mail], log);
    await mail.emit({ to: CARD });
    await finished(store, 'mail');
    expect(log.of('event-began')[0]?.payload).to.equal('[withheld: sanitizing failed with RangeError]');
    expect(JSON.stringify(log.records)).not.to.include(CARD);
  });

  it('log a lost store, a failed settle, an expired lease, a listener that throws and a bad payload once, with the same fields', async () => {
    const database = await opening.database();
    let fault: (() => Error) | null = null;
    const tasks = new Proxy(database.tasks, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => (fault && key === 'settle' ? Promise.reject(fault()) : (Reflect.apply(member, target, given) as unknown));
      },
    });
    const store = opening.storeOn({ ...database, tasks, close: () => database.close() });
    const log = makeLog();
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });
    await begin(store, [mail], log);
    store.events.on('queue-paused', () => {
      throw new Error('a listener');
    });
    await mail.pause();
    await mail.resume();
    await mail.emit({ to: '' }).catch(() => undefined);
    fault = () => new Error('the disk is full');
    await mail.emit({ to: 'a' });
    await eventually('the settle that failed', () => log.of('store-error').length > 0);
    fault = null;
    await finished(store, 'mail');
    fault = () => new HoldfastError('HOLDFAST_STORE_UNREACHABLE');
    await mail.emit({ to: 'b' });
    await eventually('the lost store', () => log.of('store-lost').length > 0);
    fault = null;
    await eventually('its return', () => log.of('store-returned').length > 0);
    store.events.emit('lease-lost', { workerId: 'w', task: { id: 'i', queue: 'mail', name: 'mail', attempt: 1 }, reason: 'expired' });
    for (const event of ['store-lost', 'lease-lost', 'listener-failed', 'payload-refused']) expect(log.of(event), event).to.have.length(1);
    for (const event of ['store-lost', 'store-error', 'listener-failed', 'payload-refused'])
      expect(log.of(event)[0]?.error?.message, event).to.be.a('string');
    for (const record of log.records) expect(Object.keys(record).sort(), record.event).to.deep.equal(FIELDS);
  });
});
