import { expect } from 'chai';
import { failureGroup, ownFrame, plainMessage } from '../../modules/errors/failureGroup';

const error = (message: string, rest: object = {}) => ({ name: 'Error', message, ...rest });

describe('The group of a failure', () => {
  const alike: readonly (readonly [string, string])[] = [
    ['user 42 is unknown', 'user 7 is unknown'],
    ['timeout of 5000ms exceeded', 'timeout of 12.5ms exceeded'],
    ['no account "anna" in \'north\'', 'no account "bert" in \'south\''],
    ['task 0190a6c4-9a1e-7c3b-8d2f-1b2c3d4e5f60 is gone', 'task 0190a6c4-0000-7c3b-8d2f-ffffffffffff is gone'],
    ['GET https://a.example/x?id=1 failed', 'GET https://b.example/y failed'],
    ['mail to anna@example.org bounced', 'mail to bert@example.com bounced'],
    ['key sk_live_4eC39HqLyjWDarj refused', 'key sk_live_9fD12AbcXyz0123 refused'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 10.0.0.12:5433'],
    ['at 0xdeadbeef', 'at 0x00ff'],
  ];
  for (const [one, other] of alike) {
    it(`is the same for ${one} and ${other}`, () => expect(failureGroup(error(one))).to.equal(failureGroup(error(other))));
  }

  it('differs by name, code, message and the place in the code of the user', () => {
    const stack = (name: string, file: string, line: number) => `Error: no\n    at ${name} (${file}:${line}:7)`;
    const all = [
      error('no'),
      { ...error('no'), name: 'TypeError' },
      error('no', { code: 'ENOENT' }),
      error('never'),
      error('no', { stack: stack('send', '/srv/app/mail/send.js', 10) }),
      error('no', { stack: stack('print', '/srv/app/mail/send.js', 10) }),
    ];
    expect(new Set(all.map(failureGroup))).to.have.lengthOf(all.length);
    expect(failureGroup(error('no', { stack: stack('send', '/other/mail/send.js', 99) }))).to.equal(failureGroup(all[4] as (typeof all)[number]));
    expect(failureGroup(error('no'))).to.match(/^[0-9a-f]{16}$/);
  });

  it('names the top frame that is neither of a package, of Node.js nor of Holdfast', () => {
    const own = `${__dirname.split('/').slice(0, -2).join('/')}/classes/worker/executor.js`;
    const frames = [
      'Error: x',
      'at node:internal/x:1:2',
      'at q (/a/node_modules/pg/q.js:1:1)',
      `at Executor.run (${own}:3:4)`,
      'at async Mail.send (/a/b/c.ts:5:6)',
    ];
    expect(ownFrame(frames.join('\n    '))).to.equal('Mail.send (b/c.ts)');
    expect(ownFrame('Error: x\n    at /a/b/c.js:1:2')).to.equal('b/c.js');
    expect([ownFrame(undefined), ownFrame('Error: x')]).to.deep.equal([null, null]);
  });

  it('takes little time for a long message without a space', () => {
    for (const text of ['a', '1', '"', "'", '@', '/', '-', 'a1-']) expect(plainMessage(text.repeat(1_000_000))).to.have.length.below(600);
  });
});
