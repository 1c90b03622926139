import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { openStore, Queue } from '../../index';
import type { Store } from '../../index';
import type { Entry } from '../../examples/challenges/journal';
import { ENDS } from '../../examples/challenges/queues';
import { openRecords } from '../../examples/challenges/service/challengeRecords';
import type { ChallengeRecords } from '../../examples/challenges/service/challengeRecords';
import { challengeService } from '../../examples/challenges/service/challengeService';
import { messagePosted } from '../../examples/challenges/workers/mailDiscussion';
import { forEachStore } from '../support/stores';

const END = '2026-05-01T12:00:00.000Z';
const OWNER = { userId: 'u1', userHandle: 'ann', role: 'owner' };
const challenge = (id: number, rest: object = {}) => ({
  id,
  title: `Challenge ${id}`,
  projectSource: 'web',
  status: 'SUBMISSION',
  subEndAt: END,
  participants: [OWNER],
  ...rest,
});
const message = { id: 'm1', discussionId: 'd1', createdBy: 'u1', content: 'Hello' };

forEachStore('The challenge service', (opening) => {
  let records: ChallengeRecords;
  let store: Store;
  let app: FastifyInstance;
  let written: Entry[];

  beforeEach(async () => {
    written = [];
    records = await openRecords(opening.url);
    store = await openStore(records.connection);
    app = serviceOn(records);
  });

  afterEach(async () => {
    await app.close();
    await store.close();
    await records.close();
  });

  const serviceOn = (on: ChallengeRecords): FastifyInstance =>
    challengeService({ records: on, store, token: 't', journal: { write: (entry) => void written.push(entry) } });

  const call = async (method: 'GET' | 'POST' | 'PUT', url: string, body?: object, token = 't', on = app) => {
    const answer = await on.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(body ? { payload: body } : {}) });
    return { status: answer.statusCode, content: answer.json<{ content: never }>().content };
  };

  const put = (id: number, filter: string, body: object) => call('PUT', `/challenges/${id}?filter=${encodeURIComponent(filter)}`, body);

  const review = { title: 'Challenge 1', projectSource: 'web', status: 'REVIEW' };

  const counts = async (queue: string) => (await new Queue(store, queue).counts()).waiting;

  it('lists what a filter chooses, fifty on a page, and goes on after an id', async () => {
    await records.transaction(async (session) => {
      for (let id = 1; id <= 60; id += 1) await records.add({ ...challenge(id), status: 'SUBMISSION', workflowId: null }, [], session);
      await records.add({ ...challenge(61), status: 'REVIEW', workflowId: null }, [], session);
    });
    const list = async (filter: string) =>
      (await call('GET', `/challenges?fields=id&filter=${encodeURIComponent(filter)}`)).content as { id: number }[];
    const overdue = 'status=SUBMISSION&subEndAt<2026-05-01T12:00:00.001Z';
    expect(await list(overdue)).to.deep.equal(Array.from({ length: 50 }, (_, index) => ({ id: index + 1 })));
    expect(await list(`${overdue}&id>50`)).to.have.length(10);
    expect(await list(`status=SUBMISSION&subEndAt<${END}`)).to.deep.equal([]);
    expect((await call('GET', '/challenges?filter=status~SUBMISSION')).status).to.equal(400);
  });

  it('refuses a PUT without title or project source, one without its token, and one of an unknown challenge', async () => {
    await call('POST', '/challenges', challenge(1));
    expect((await put(1, '', { status: 'REVIEW' })).status).to.equal(400);
    expect((await put(2, '', review)).status).to.equal(404);
    expect((await call('PUT', '/challenges/1', review, 'wrong')).status).to.equal(401);
    expect((await records.find(1))?.status).to.equal('SUBMISSION');
  });

  it('changes a challenge once under a condition, and answers 409 with what it is where the condition does not hold', async () => {
    await call('POST', '/challenges', challenge(1));
    const onlyIf = `status=SUBMISSION&subEndAt=${END}`;
    const answers = await Promise.all([put(1, onlyIf, review), put(1, onlyIf, review), put(1, onlyIf, review)]);
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409]);
    expect(answers.map(({ content }) => (content as { status: string }).status)).to.deep.equal(['REVIEW', 'REVIEW', 'REVIEW']);
    expect((await records.changes()).map(({ from, to, subEndAt }) => [from, to, subEndAt])).to.deep.equal([['SUBMISSION', 'REVIEW', END]]);
    expect(written.filter(({ did }) => did === 'received')).to.have.length(3);
  });

  it('does not close a challenge whose end was moved', async () => {
    await call('POST', '/challenges', challenge(1));
    await put(1, '', { ...review, status: 'SUBMISSION', subEndAt: '2026-06-01T12:00:00.000Z' });
    expect((await put(1, `status=SUBMISSION&subEndAt=${END}`, review)).status).to.equal(409);
  });

  it('writes a challenge together with its workflow, and neither where the other fails', async () => {
    await call('POST', '/challenges', challenge(1));
    expect((await call('POST', '/challenges', challenge(1))).status).to.equal(200);
    expect(await counts(ENDS)).to.equal(1);
    const failing = serviceOn(failingIn(records, 'add'));
    expect((await call('POST', '/challenges', challenge(2), 't', failing)).status).to.equal(500);
    await failing.close();
    expect([await counts(ENDS), await records.find(2)]).to.deep.equal([1, null]);
  });

  it('writes a message together with its event, once, and neither where the other fails', async () => {
    await call('POST', '/challenges', challenge(1));
    for (let times = 0; times < 2; times += 1) expect((await call('POST', '/challenges/1/messages', message)).status).to.equal(200);
    expect([(await records.messages()).length, await counts(messagePosted.name)]).to.deep.equal([1, 1]);
    const failing = serviceOn(failingIn(records, 'addMessage'));
    expect((await call('POST', '/challenges/1/messages', { ...message, id: 'm2' }, 't', failing)).status).to.equal(500);
    await failing.close();
    expect([(await records.messages()).length, await counts(messagePosted.name)]).to.deep.equal([1, 1]);
  });

  it('takes no message for a challenge that accepts no submissions, or for an unknown one', async () => {
    await call('POST', '/challenges', challenge(1, { status: 'REVIEW' }));
    expect((await call('POST', '/challenges/1/messages', message)).status).to.equal(409);
    expect((await call('POST', '/challenges/2/messages', message)).status).to.equal(404);
    expect(await counts(messagePosted.name)).to.equal(0);
  });
});

/** Records whose method fails after it has written. */
function failingIn(records: ChallengeRecords, method: 'add' | 'addMessage'): ChallengeRecords {
  const fail = async (...given: unknown[]): Promise<void> => {
    await (records[method] as (...given: unknown[]) => Promise<void>)(...given);
    throw new Error('the connection broke');
  };
  return new Proxy(records, {
    get: (target, name) => {
      const member: unknown = name === method ? fail : Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
