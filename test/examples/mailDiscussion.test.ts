import { expect } from 'chai';
import type { Participant } from '../../examples/challenges/service/challenge';
import { MAILS } from '../../examples/challenges/queues';
import type { ChallengeApi } from '../../examples/challenges/workers/challengeApi';
import { mailParticipants, recipientsOf } from '../../examples/challenges/workers/mailDiscussion';

const person = (userId: string, role: Participant['role']): Participant => ({ challengeId: 7, userId, userHandle: userId, role });
const people = [person('ann', 'owner'), person('ann', 'reviewer'), person('ben', 'submitter'), person('cem', 'submitter')];
const message = { messageId: 'm', challengeId: 7, author: 'ben', content: '<b>Hello</b>' };

/** A client whose answers are given by the end of the path. */
const apiWith = (answers: Readonly<Record<string, unknown>>): ChallengeApi => ({
  url: 'http://service',
  client: {
    request: ({ url }) => {
      const content = Object.entries(answers).find(([end]) => url.endsWith(end))?.[1];
      if (content instanceof Error) return Promise.reject(content);
      return Promise.resolve({ status: 200, headers: {}, body: { content }, bodyDropped: false });
    },
    close: () => Promise.resolve(),
  },
});

describe('mailDiscussion', () => {
  it('mails everybody but the author, and who has two roles once', () => {
    expect(recipientsOf(people, 'ben')).to.deep.equal(['ann', 'cem']);
    expect(recipientsOf(people, 'ann')).to.deep.equal(['ben', 'cem']);
    expect(recipientsOf([person('ann', 'owner')], 'ann')).to.deep.equal([]);
  });

  it('adds a mail for each recipient as a follow-up', async () => {
    const added: unknown[][] = [];
    const context = { id: 't', signal: new AbortController().signal, add: (...given: unknown[]) => String(added.push(given)) };
    const count = await mailParticipants(apiWith({ '/7': { title: 'Seven' }, '/participants': people }), message, context);
    expect(count).to.equal(2);
    expect(added.map(([queue, name, payload]) => [queue, name, payload])).to.deep.equal(
      ['ann', 'cem'].map((userId) => [
        MAILS,
        'discussionMail',
        { to: `${userId}@members.example.org`, template: 'discussion', data: { title: 'Seven', author: 'ben', content: '<b>Hello</b>' } },
      ]),
    );
  });

  it('adds none where the participants cannot be had', async () => {
    const added: unknown[][] = [];
    const context = { id: 't', signal: new AbortController().signal, add: (...given: unknown[]) => String(added.push(given)) };
    const fault = new Error('the service is away');
    const mailing = mailParticipants(apiWith({ '/7': { title: 'Seven' }, '/participants': fault }), message, context);
    expect(await mailing.catch((error: unknown) => error)).to.equal(fault);
    expect(added).to.deep.equal([]);
  });
});
