import { expect } from 'chai';
import type { Entry } from '../../examples/challenges/journal';
import { startSmtpSink } from '../../examples/challenges/smtpSink';
import type { SmtpSink } from '../../examples/challenges/smtpSink';
import { addressOf, mailerOf, mailOf } from '../../examples/challenges/workers/discussionMail';

const ID = '0190c0de-0000-7000-8000-000000000001';
const challenge = { id: 7, title: 'Seven', projectSource: 'web', status: 'SUBMISSION', subEndAt: '', workflowId: null } as const;
const message = { messageId: ID, challengeId: 7, author: 'ben', content: `[${ID}] <b>Hello</b>` };

describe('The mail server of the challenges', () => {
  let written: Entry[];
  let sink: SmtpSink | undefined;

  const start = async (deferred: number) => {
    written = [];
    sink = await startSmtpSink({ write: (entry) => void written.push(entry) }, { deferred });
    return mailerOf({ SMTP_URL: `smtp://127.0.0.1:${sink.port}` });
  };

  afterEach(() => sink?.close());

  it('accepts the same mail as often as it comes, and knows about which message and from which process', async () => {
    const mailer = await start(0);
    for (let times = 0; times < 2; times += 1) await mailer.send(mailOf('ann-7', challenge, message), { id: ID });
    mailer.close();
    const [first, second] = written as Extract<Entry, { did: 'accepted' }>[];
    expect(first).to.include({ did: 'accepted', to: addressOf('ann-7'), about: ID, from: `worker-${process.pid}` });
    expect(second?.mailId).to.equal(first?.mailId);
  });

  it('refuses an unknown recipient for good, and others for now', async () => {
    const mailer = await start(1);
    const codeOf = (userId: string) => mailer.send(mailOf(userId, challenge, message), { id: ID }).catch((error: { code: string }) => error.code);
    expect([await codeOf('nobody-7'), await codeOf('ann-7')]).to.deep.equal(['HOLDFAST_MAIL_REFUSED', 'HOLDFAST_MAIL_FAILED']);
    mailer.close();
    expect(written.map((entry) => (entry.did === 'refused' ? entry.code : entry.did))).to.deep.equal([550, 451]);
  });
});
