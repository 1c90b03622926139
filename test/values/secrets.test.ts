import { expect } from 'chai';
import { PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import { redactThrown } from '../../modules/values/redactThrown';
import { REDACTED, scrub } from '../../modules/values/scrub';
import { redactText, secretsOf } from '../../modules/values/secretValues';
import { makeShow } from '../../modules/events/shownPayload';
import { taskError } from '../../modules/errors/taskError';

const CARD = '4000056655665556';

describe('What is shown of a payload', () => {
  it('is nothing where nobody has said what may be', () => {
    const shown = makeShow(undefined, [])({ card: CARD });
    expect(shown.payload).to.equal(undefined);
    expect([...shown.secrets]).to.deep.equal([CARD]);
  });

  it('is what sanitize makes of it, and every other value is a secret', () => {
    const shown = makeShow(({ order }: { order: number }) => ({ order }), [])({ order: 71, card: CARD, nested: [{ cvc: 737 }], on: true });
    expect(shown.payload).to.deep.equal({ order: 71 });
    expect([...shown.secrets].sort()).to.deep.equal([CARD, '737'].sort());
  });

  it('is without the paths given, in lists as well', () => {
    const show = makeShow(undefined, ['card.number', 'items[*].code']);
    const payload = { card: { number: CARD, kind: 'visa' }, items: [{ code: 'a-1', n: 1 }] };
    expect(show(payload).payload).to.deep.equal({ card: { number: REDACTED, kind: 'visa' }, items: [{ code: REDACTED, n: 1 }] });
    expect(payload.card.number, 'what was given stays as it is').to.equal(CARD);
    expect(makeShow(undefined, ['[0].pin'])([{ pin: 1234, a: 1 }]).payload).to.deep.equal([{ pin: REDACTED, a: 1 }]);
  });

  it('is without what stands under names that are secret by custom, at any depth, whatever sanitize lets through', () => {
    const show = makeShow((payload: unknown) => payload, []);
    const deep = { er: [{ client_secret: 's', ok: 1 }], newPassword: 'n', csrfToken: 't', accessKey: 'a', pin: 1234, spin: 1, keys: 2 };
    const payload = { headers: { Authorization: 'Bearer abc', 'x-api-key': 'k', 'Set-Cookie': 'c' }, deep };
    expect(show(payload).payload).to.deep.equal({
      headers: { Authorization: REDACTED, 'x-api-key': REDACTED, 'Set-Cookie': REDACTED },
      deep: {
        er: [{ client_secret: REDACTED, ok: 1 }],
        newPassword: REDACTED,
        csrfToken: REDACTED,
        accessKey: REDACTED,
        pin: REDACTED,
        spin: 1,
        keys: 2,
      },
    });
  });

  it('is withheld, and says so, where sanitize throws, without its message', () => {
    const shown = makeShow(() => {
      throw new TypeError(`cannot read ${CARD}`);
    }, [])({ card: CARD });
    expect(shown.payload).to.equal('[withheld: sanitizing failed with TypeError]');
    expect([...shown.secrets]).to.deep.equal([CARD]);
  });

  it('is withheld where it is no JSON or too long', () => {
    expect(makeShow(() => 10n, [])({}).payload).to.match(/^\[withheld/);
    expect(makeShow((payload: unknown) => payload, [])({ text: 'x'.repeat(5_000) }).payload).to.match(/^\[withheld: 5\d\d\d characters/);
  });
});

describe('A text', () => {
  it('loses the secrets as whole values, also as a URL or JSON writes them', () => {
    const secrets = new Set([CARD, 'a b&c', 'say "x"', 'blue']);
    expect(redactText(`${CARD}: a b&c a%20b%26c say \\"x\\" blue, but bluebird and 1${CARD}`, secrets)).to.equal(
      `${REDACTED}: ${REDACTED} ${REDACTED} ${REDACTED} ${REDACTED}, but bluebird and 1${CARD}`,
    );
  });

  it('keeps values of fewer than four characters, which are ordinary words and numbers', () => {
    const secrets = secretsOf({ status: 401, to: 'me', at: -5, kind: 'a-b' }, undefined);
    expect(redactText('401: me and a-b at -5', secrets)).to.equal('401: me and a-b at -5');
    expect(redactText('refused with 737', secretsOf({ cvc: 737 }, undefined)), 'under a secret name').to.equal(`refused with ${REDACTED}`);
  });

  for (const value of ['a-b-c', '-5000', '$&$1', '\\u{1}', '(?:x)+', '[^a]', '日本語の', 'a.b*c', '{"a":1}', '^$.|'])
    it(`loses ${value}, whatever its characters mean to an expression`, () => {
      expect(redactText(`before ${value} after`, new Set([value]))).to.equal(`before ${REDACTED} after`);
    });

  it('of very many values that begin alike loses the rest of the line', () => {
    const secrets = new Set(Array.from({ length: 20 }, (_, index) => `${'x'.repeat(64)} ${index}`));
    expect(redactText(`a ${'x'.repeat(64)} 3 b\nc`, secrets)).to.equal(`a ${REDACTED}\nc`);
  });

  it('is cut where it is longer than a line of a log, before a word that may be half a secret', () => {
    const text = scrub(`${'word '.repeat(5_000)}`);
    expect(text.length).to.be.below(16_500);
    expect(text).to.match(/ … \[\d+ more characters\]$/);
    expect(redactText(`${'a '.repeat(8_185)}${CARD}`, new Set([CARD]))).not.to.include('4000');
  });

  it('loses the longer of two secrets whole', () => {
    expect(redactText('abcdefgh', new Set(['abcd', 'abcdefgh']))).to.equal(REDACTED);
  });

  it('loses what looks like credentials', () => {
    const text = 'mongodb://u:p@host/db Authorization: Bearer abc.def, password=hunter2 "token": "t-1"';
    const left = scrub(text);
    for (const secret of ['u:p', 'abc.def', 'hunter2', 't-1']) expect(left, secret).not.to.include(secret);
    expect(scrub('the store did not answer in 20 ms')).to.equal('the store did not answer in 20 ms');
  });

  const credentials: readonly string[] = [
    'GET /me?access_token=hunter2&page=3',
    'client_secret=hunter2',
    'db_password: hunter2',
    '{"refresh_token":"hunter2"}',
    '{"newPassword":"correct hunter2 battery"}',
    '{"password":"co\\"rrect hunter2"}',
    'body: {\\"password\\":\\"hunter2 x\\",\\"page\\":3}',
    "secretKey='my hunter2'",
    'passphrase=hunter2',
    'amqp://u:p@ss@hunter2@host/x',
  ];
  for (const text of credentials) {
    it(`loses what looks like credentials: ${text.replaceAll('hunter2', '…')}`, () => {
      expect(scrub(text)).to.include(REDACTED).and.not.include('hunter2');
      if (text.includes('page')) expect(scrub(text)).to.match(/page.*3/);
    });
  }

  it('is looked through in a time that grows with its length', () => {
    const long = 'a'.repeat(200_000);
    for (const text of [long, `password="${long}`, `token${' '.repeat(100_000)}`, `secret=\\"${long}`]) expect(scrub(text)).to.be.a('string');
    for (const unit of ['a.', 'a-', 'x+', 'password ', 'password=" ', "token='", 'bearer ', 'cookie: ', 'a://b:', 'eyJ-', 'authorization "'])
      expect(scrub(unit.repeat(50_000))).to.be.a('string');
  });
});

describe('What a handler throws', () => {
  const secrets = secretsOf({ card: CARD }, {});

  it('stays what it is where it holds no secret', () => {
    const error = new RetryAfter(500);
    expect(redactThrown(error, secrets)).to.equal(error);
  });

  it('keeps its kind, code and delay, and loses the secrets in message, stack and cause, and long numbers in name and code as well', () => {
    const error = Object.assign(new RetryAfter(500, `no answer for ${CARD}`, { cause: new Error(`of ${CARD}`) }), { code: 'EBANK' });
    const redacted = redactThrown(error, secrets) as RetryAfter & { code: string };
    expect(redacted)
      .to.be.instanceOf(RetryAfter)
      .and.include({ delayMs: 500, code: 'EBANK', message: `no answer for ${REDACTED}` });
    expect((redacted.cause as Error).message).to.equal(`of ${REDACTED}`);
    expect(JSON.stringify(taskError(redacted))).not.to.include(CARD);
    const named = redactThrown(Object.assign(new Error('no'), { name: `E${CARD}`, code: CARD }), secrets);
    expect(JSON.stringify(taskError(named))).not.to.include(CARD);
    expect(error.message, 'the original stays as it is').to.include(CARD);
    expect(redactThrown(new PermanentError(CARD), secrets)).to.be.instanceOf(PermanentError);
  });

  it('loses the secrets of its causes and of the errors in it, however deep they are kept', () => {
    const deep = new Error('a', { cause: new Error('b', { cause: new Error('c', { cause: { card: CARD } }) }) });
    const round = new Error(CARD);
    round.cause = round;
    for (const thrown of [deep, new AggregateError([new Error(CARD), CARD, deep]), new Error('x', { cause: CARD }), round]) {
      const error = taskError(redactThrown(thrown, secrets));
      expect(JSON.stringify(error)).not.to.include(CARD);
      expect(error.cause ?? error.errors).to.not.equal(undefined);
    }
  });

  it('keeps its name, its code and the frames of its stack, whose words the payload may hold as well', () => {
    const ordinary = secretsOf({ words: ['Error', 'TypeError', 'ECONNREFUSED', 'Object', 'node:internal', 'test', 'mail'] }, undefined);
    const error = Object.assign(new TypeError('no mail\n    today'), { code: 'ECONNREFUSED' });
    const redacted = redactThrown(error, ordinary) as typeof error;
    expect(redacted).to.include({ name: 'TypeError', code: 'ECONNREFUSED', message: `no ${REDACTED}\n    today` });
    const frames = (text = ''): string[] => text.split('\n').filter((line) => /^ +at /.test(line));
    expect(redacted.stack).to.match(/^TypeError: no \[redacted\]/);
    expect(frames(redacted.stack)).to.deep.equal(frames(error.stack)).and.not.be.empty;
  });

  it('loses the secrets of the errors in an AggregateError', () => {
    const redacted = redactThrown(new AggregateError([new Error(CARD), new Error('plain')], 'several'), secrets) as AggregateError;
    expect((redacted.errors as Error[]).map(({ message }) => message)).to.deep.equal([REDACTED, 'plain']);
  });

  it('loses the secrets where it is no Error', () => {
    for (const thrown of [CARD, { card: CARD }, [CARD], Number(CARD)])
      expect(JSON.stringify(taskError(redactThrown(thrown, secrets)))).not.to.include(CARD);
  });
});
