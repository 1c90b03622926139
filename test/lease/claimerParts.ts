import sinon from 'sinon';
import { QueueRules } from '../../classes/flow/queueRules';
import { QueueTurns } from '../../classes/flow/queueTurns';
import type { DueQueue } from '../../modules/ports/queueLook';
import { Claimer } from '../../classes/lease/claimer';
import type { ClaimWish } from '../../classes/lease/claimer';
import { internalErrorsFor } from '../support/internalErrors';
import { LeaseKeeper } from '../../classes/lease/leaseKeeper';
import { Settler } from '../../classes/lease/settler';
import { Solitude } from '../../classes/lease/solitude';
import type { Claim } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks } from '../support/fakeTasks';
import { idOf, sampleTask } from '../support/samples';

/** A claim. By default it found nothing. */
export const claimOf = (tasks: Task[] = [], suspect: string | null = null): Claim => ({ tasks, suspect });

export const claimedTask = (n: number): Task => sampleTask({ id: idOf(n) });

/** A claimer on a fake port, with its real neighbours. */
export function claimerParts() {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const paused = sinon.stub<[], Promise<ReadonlySet<string>>>().resolves(new Set());
  const { internalErrors, bugs } = internalErrorsFor(clock);
  const leases = new LeaseKeeper(tasks, clock, internalErrors);
  const settler = new Settler(tasks, internalErrors, clock, () => 0.5);
  const solitude = new Solitude(clock);
  const rules = new QueueRules({ paused }, clock);
  const due = sinon
    .stub<[readonly string[]], Promise<DueQueue[]>>()
    .callsFake((queues) => Promise.resolve(queues.map((queue) => ({ queue, priority: 0 }))));
  const turns = new QueueTurns({ due }, clock, () => 0);
  const claimer = new Claimer({ tasks, rules, turns, leases, settler, solitude, internalErrors, clock, random: () => 0.5 });
  const claim = (wish: Partial<ClaimWish> = {}) =>
    watchPromise(claimer.claim({ queues: ['mail'], limit: 5, workerId: 'worker-1', leaseMs: 30_000, ...wish }));
  return { clock, tasks, due, paused, rules, leases, solitude, claimer, claim, bugs };
}
