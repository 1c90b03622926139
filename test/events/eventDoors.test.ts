import { expect } from 'chai';
import { defineEvent } from '../../classes/events/declaredEvent';
import type { DeclaredEvent } from '../../classes/events/declaredEvent';
import { EventHub } from '../../classes/events/eventHub';
import type { Store } from '../../classes/store/store';
import type { ErrorCode } from '../../constants/errors';
import { Mail, trimmed } from '../support/eventParts';
import { refusalOf } from '../support/eventually';
import { forSqlite } from '../support/stores';

type MailEvent = DeclaredEvent<{ to: string }, number>;

const UNKNOWN = 'HOLDFAST_OPTION_UNKNOWN';
const INVALID = 'HOLDFAST_OPTION_INVALID';

forSqlite('Bad input to an event', (opening) => {
  let store: Store;
  let mail: MailEvent;

  beforeEach(async () => {
    store = await opening.open();
    mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 }).on(store, { logger: null });
  });

  const to = { to: 'a' };
  const REFUSED: readonly (readonly [string, (event: MailEvent) => unknown, ErrorCode, string])[] = [
    ['a misspelt session', (event) => event.emit(to, { sesion: {} } as never), UNKNOWN, 'options.sesion'],
    ['options that are null', (event) => event.emit(to, null as never), INVALID, 'options'],
    ['options that are a string', (event) => event.emit(to, 'soon' as never), INVALID, 'options'],
    ['a misspelt session for many', (event) => event.emitMany([to], { sesion: {} } as never), UNKNOWN, 'options.sesion'],
    ['a misspelt session for none', (event) => event.emitMany([], { sesion: {} } as never), UNKNOWN, 'options.sesion'],
    ['options that are null for many', (event) => event.emitMany([to], null as never), INVALID, 'options'],
    ['payloads that are no array', (event) => event.emitMany(to as never), INVALID, 'payloads'],
    ['one bad payload among many', (event) => event.emitMany([to, { to: '' }]), 'HOLDFAST_PAYLOAD_INVALID', 'payloads[1].to'],
    ['no payload among many', (event) => event.emitMany([to, NaN as never]), 'HOLDFAST_PAYLOAD_NOT_JSON', 'payloads[1]'],
  ];

  for (const [title, call, code, field] of REFUSED) {
    it(`is refused by a code that names the field, and writes nothing: ${title}`, async () => {
      expect(await refusalOf(() => call(mail))).to.include({ code, field });
      expect((await mail.stats()).counts.waiting).to.equal(0);
    });
  }

  it('names the payload among many also where the schema is one of another library', async () => {
    const named = defineEvent({ name: 'named', schema: trimmed, process: () => 0 }).on(store, { logger: null });
    const error = await refusalOf(() => named.emitMany([{ name: 'Ada' }, { name: 5 as never }]));
    expect(error.paths).to.deep.equal(['payloads[1].name', 'payloads[1]["a b"][0]']);
  });
});

forSqlite('What an event or a hub is made with', (opening) => {
  const mail = (): MailEvent => defineEvent({ name: 'mail', schema: Mail, process: () => 0 });

  it('is refused by a hub where it is no array of events', async () => {
    const store = await opening.open();
    const error = await refusalOf(() => new EventHub(store, mail() as never));
    expect(error.message).to.include('events must be an array of what defineEvent returns, got ');
    for (const given of [{}, undefined, null, 'mail', defineEvent]) {
      const refusal = await refusalOf(() => new EventHub(store, [mail(), given] as never));
      expect(refusal).to.include({ code: INVALID, field: 'events[1]', expected: 'what defineEvent returns' });
    }
  });

  it('is refused once where the logger cannot log, and binds nothing', async () => {
    const store = await opening.open();
    for (const logger of [{}, { info: () => 1 }, 'console', false] as never[]) {
      for (const use of [() => mail().on(store, { logger }), () => new EventHub(store, [mail()], { logger })]) {
        expect(await refusalOf(use)).to.include({
          code: INVALID,
          field: 'logger',
          expected: 'a logger of winston or pino, console, or an object with a log method',
        });
      }
    }
    mail().on(store, { logger: null });
  });

  it('is refused where it was declared anew while the first is still bound', async () => {
    const store = await opening.open();
    mail().on(store, { logger: null });
    const { message } = await refusalOf(() => mail().on(store, { logger: null }));
    expect(message).to.include('An event of this name is already bound to this store: mail. ');
  });

  it('has a name that is free again after stop, also by a hub, and taken again by a start', async () => {
    const store = await opening.open();
    const [first, second] = [mail().on(store, { logger: null }), mail()];
    await first.start();
    await first.stop();
    const hub = new EventHub(store, [second], { signals: false, logger: null });
    expect(await refusalOf(() => first.start())).to.include({ code: 'HOLDFAST_EVENT_DUPLICATE' });
    await hub.start();
    await hub.stop();
    await first.start();
    expect(await refusalOf(() => second.start())).to.include({ code: 'HOLDFAST_EVENT_DUPLICATE' });
    await first.stop();
    mail().on(store, { logger: null });
  });
});
