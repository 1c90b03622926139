import { expect } from 'chai';
import { isSound, judge } from '../../examples/challenges/checker';
import type { Entry } from '../../examples/challenges/journal';
import type { Change, Participant } from '../../examples/challenges/service/challenge';
import type { Snapshot } from '../../examples/challenges/snapshot';

const END = '2026-05-01T12:00:00.000Z';
const AFTER = '2026-05-01T12:00:01.500Z';

const challenge = { id: 1, title: 'One', projectSource: 'web', status: 'REVIEW', subEndAt: END, workflowId: null } as const;
const closing: Change = { challengeId: 1, from: 'SUBMISSION', to: 'REVIEW', subEndAt: END, at: AFTER };
const person = (userId: string, role: Participant['role'] = 'submitter'): Participant => ({ challengeId: 1, userId, userHandle: userId, role });
const message = { id: 'm', discussionId: 'd', challengeId: 1, createdBy: 'ann', content: '[m]', createdAt: END };

const sound: Snapshot = {
  challenges: [challenge],
  participants: [person('ann'), person('ben', 'owner'), person('ben', 'reviewer'), person('nobody-1')],
  changes: [closing],
  messages: [message],
  eventsOf: ['m'],
  retries: 3,
  dead: [{ queue: 'mails', to: 'nobody-1@members.example.org', error: 'no such user' }],
};

const mail = (at: number, rest: object = {}): Entry => ({
  did: 'accepted',
  to: 'ben@members.example.org',
  about: 'm',
  from: 'worker-1',
  mailId: '<1>',
  at,
  ...rest,
});
const started: Entry = { did: 'started', what: 'worker', name: 'worker-1', at: Date.parse(END) - 60_000 };
const killed = (at: number, name = 'worker-1'): Entry => ({ did: 'killed', what: 'worker', name, at });

describe('The checker of the challenges', () => {
  const faultsOf = (entries: readonly Entry[], snapshot: Partial<Snapshot> = {}) =>
    Object.entries(judge([started, ...entries], { ...sound, ...snapshot }).faults).flatMap(([fault, count]) =>
      count > 0 ? [`${count} ${fault}`] : [],
    );

  it('finds nothing where a challenge was closed once after its end, and everybody got one mail', () => {
    const verdict = judge([started, mail(1)], sound);
    expect([isSound(verdict), faultsOf([mail(1)])]).to.deep.equal([true, []]);
    expect([verdict.closedTimes, verdict.mailsEach, verdict.late.produced]).to.deep.equal([{ 1: 1 }, { 1: 1 }, { p50: 1.5, p99: 1.5 }]);
  });

  it('finds a challenge that was left open, closed twice, or closed before its end', () => {
    expect(faultsOf([mail(1)], { challenges: [{ ...challenge, status: 'SUBMISSION' }], changes: [] })).to.deep.equal([
      '1 challenges left in SUBMISSION',
    ]);
    expect(faultsOf([mail(1)], { changes: [closing, closing] })).to.deep.equal(['1 challenges closed more than once']);
    expect(faultsOf([mail(1)], { changes: [{ ...closing, at: '2026-05-01T11:00:00.000Z' }] })).to.deep.equal([
      '1 challenges closed before their end',
    ]);
  });

  it('finds a change that overwrote a cancelled challenge, and lets a test challenge be reset', () => {
    const wrong = ['1 changes that a condition should have stopped'];
    expect(faultsOf([mail(1)], { changes: [closing, { ...closing, from: 'CANCELLED' }] })).to.deep.equal(wrong);
    expect(faultsOf([mail(1)], { changes: [closing, { ...closing, from: 'REVIEW' }] })).to.deep.equal(wrong);
    expect(faultsOf([mail(1)], { changes: [{ ...closing, from: 'REVIEW', to: 'SUBMISSION' }, closing] })).to.deep.equal([]);
  });

  it('finds a message without event, an event without message, and a confirmed message that is gone', () => {
    expect(faultsOf([mail(1)], { eventsOf: [] })).to.deep.equal(['1 messages without event']);
    expect(faultsOf([mail(1)], { eventsOf: ['m', 'n'] })).to.deep.equal(['1 events without message, or a second one of a message']);
    expect(faultsOf([mail(1), { did: 'posted', messageId: 'gone', at: 1 }])).to.deep.equal(['1 messages confirmed and lost']);
  });

  it('finds who got no mail, and a mail to the author', () => {
    expect(faultsOf([])).to.deep.equal(['1 people without their mail']);
    expect(faultsOf([mail(1), mail(2, { to: 'ann@members.example.org' })])).to.deep.equal(['1 mails to the author or a stranger']);
  });

  it('lets a second mail pass if the worker of the first was killed in between, and no other', () => {
    const second = mail(9, { from: 'worker-2' });
    const verdict = judge([started, mail(1), killed(5), second], sound);
    expect([verdict.matched, verdict.mailsEach, isSound(verdict)]).to.deep.equal([1, { 2: 1 }, true]);
    for (const kill of [killed(5, 'worker-3'), killed(10), killed(0)]) {
      expect(faultsOf([mail(1), kill, second])).to.deep.equal(['1 second mails without a kill']);
    }
  });

  it('finds a dead task, unless its recipient is unknown, and an unknown recipient of whom no dead task tells', () => {
    expect(faultsOf([mail(1)], { dead: [...sound.dead, { queue: 'close-submissions', error: '404' }] })).to.deep.equal([
      '1 tasks dead without reason',
    ]);
    expect(faultsOf([mail(1)], { dead: [] })).to.deep.equal(['1 unknown recipients not told of']);
  });

  it('is not satisfied by nothing', () => {
    expect(isSound(judge([], { ...sound, challenges: [], participants: [], changes: [], messages: [], eventsOf: [], dead: [] }))).to.equal(false);
  });
});
