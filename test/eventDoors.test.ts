import { expect } from 'chai';
import { defineEvent } from '../classes/event';
import type { DeclaredEvent } from '../classes/event';
import type { Store } from '../classes/store';
import type { ErrorCode } from '../constants/errors';
import { Mail, trimmed } from './support/eventParts';
import { refusalOf } from './support/eventually';
import { forSqlite } from './support/stores';

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
