import { randomUUID } from 'node:crypto';
import type { ClaimRequest, Guard, HeldLease, Inserted, Renewal, SettleAnswer, Settlement } from '../../modules/ports/taskStore';
import type { Database } from '../../modules/ports/database';
import type { Change } from '../../modules/task/change';
import { followUpsOf } from '../../modules/task/followUps';
import type { NewTask, Task } from '../../modules/task/task';
import { openReference } from './referenceDatabase';
import { ReferenceStore } from './referenceStore';
import type { Now } from './referenceStore';
import type { ReferenceTables } from './referenceTables';

type StoreClass = new (tables: ReferenceTables, now: Now) => ReferenceStore;

const SECOND = 1_000;

/** Stores with one fault each, by a description of the fault. */
export const FAULTY_STORES: Readonly<Record<string, StoreClass>> = {
  'settles under any token': class extends ReferenceStore {
    protected override holds(task: Task, guard: Guard): boolean {
      return 'rev' in guard ? super.holds(task, guard) : task.lease !== null;
    }
  },

  'sweeps a lease that was renewed meanwhile': class extends ReferenceStore {
    protected override holds(task: Task, guard: Guard): boolean {
      return super.holds(task, 'expiresAt' in guard ? { token: guard.token } : guard);
    }
  },

  'changes a task by hand that has changed since': class extends ReferenceStore {
    protected override holds(task: Task, guard: Guard): boolean {
      return 'rev' in guard ? guard.rev === task.rev : super.holds(task, guard);
    }
  },

  'does not raise the attempt': class extends ReferenceStore {
    protected override begin(task: Task, request: ClaimRequest): Task {
      return super.begin({ ...task, attempt: Math.max(0, task.attempt - 1) }, request);
    }
  },

  'claims a running task a second time': class extends ReferenceStore {
    override dueIn(queue: string): Task[] {
      const leased = this.running().filter((task) => task.queue === queue && (task.lease?.expiresAt.getTime() ?? 0) - this.now() < 2_500);
      return [...super.dueIn(queue), ...leased];
    }
  },

  'claims a delayed task before its time': class extends ReferenceStore {
    protected override isDue({ availableAt }: Task): boolean {
      return availableAt.getTime() <= this.now() + 50;
    }
  },

  'claims suspects beside others': class extends ReferenceStore {
    protected override needsSolitude(): boolean {
      return false;
    }
  },

  'forgets that a suspect runs alone': class extends ReferenceStore {
    protected override renewOne(lease: HeldLease, { alone: _alone, ...renewal }: Renewal): boolean {
      return super.renewOne(lease, renewal);
    }
  },

  'forgets that a task runs beside a suspect': class extends ReferenceStore {
    protected override renewOne(lease: HeldLease, { beside: _beside, ...renewal }: Renewal): boolean {
      return super.renewOne(lease, renewal);
    }
  },

  'claims without the mark of what runs beside a suspect': class extends ReferenceStore {
    protected override begin(task: Task, request: ClaimRequest): Task {
      return super.begin(task, { ...request, beside: false });
    }
  },

  'renews under any token': class extends ReferenceStore {
    protected override renewOne(lease: HeldLease, renewal: Renewal): boolean {
      const token = this.tables.entries.get(lease.id)?.task?.lease?.token ?? lease.token;
      return super.renewOne({ ...lease, token }, renewal);
    }
  },

  'lets any token of a batch open each task of it': class extends ReferenceStore {
    #tokens: readonly string[] = [];

    override settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
      this.#tokens = settlements.flatMap(({ guard }) => ('token' in guard ? [guard.token] : []));
      return super.settle(settlements);
    }

    protected override isHeldBy(task: Task, token: string): boolean {
      return super.isHeldBy(task, token) || this.#tokens.some((other) => super.isHeldBy(task, other));
    }
  },

  'finds leases expired before their end': class extends ReferenceStore {
    protected override isOver(task: Task): boolean {
      return task.lease !== null && task.lease.expiresAt.getTime() <= this.now() + SECOND;
    }
  },

  'never finds a lease expired': class extends ReferenceStore {
    protected override isOver(): boolean {
      return false;
    }
  },

  'settles again what is sent again': class extends ReferenceStore {
    override settleOne(settlement: Settlement): SettleAnswer {
      const entry = this.tables.entries.get(settlement.id);
      if (entry?.task && !entry.task.lease && entry.settledBy === settlement.by) this.apply(entry.task, settlement.change, settlement.by);
      return super.settleOne(settlement);
    }
  },

  'does not know a settlement again': class extends ReferenceStore {
    protected override apply(task: Task, change: Change): void {
      super.apply(task, change, randomUUID());
    }
  },

  'adds a task again that was removed': class extends ReferenceStore {
    protected override add(task: NewTask): Inserted {
      if (this.tables.entries.get(task.id)?.task === null) this.tables.entries.delete(task.id);
      return super.add(task);
    }
  },

  'loses one task in seven that it says it has': class extends ReferenceStore {
    #added = 0;

    protected override add(task: NewTask): Inserted {
      this.#added += 1;
      return this.#added % 7 === 0 ? { id: task.id, added: true } : super.add(task);
    }
  },

  'admits two live tasks with one unique key': class extends ReferenceStore {
    protected override twinOf(): undefined {
      return undefined;
    }
  },

  'shortens a lease at its renewal': class extends ReferenceStore {
    protected override write(task: Task, rest = {}): Task {
      const before = this.tables.entries.get(task.id)?.task?.lease;
      if (!before || before.token !== task.lease?.token) return super.write(task, rest);
      return super.write({ ...task, lease: { ...task.lease, expiresAt: new Date(before.expiresAt.getTime() - 1) } }, rest);
    }
  },

  'keeps the lease of a settled task': class extends ReferenceStore {
    protected override apply(task: Task, change: Change, by: string): void {
      super.apply(task, change, by);
      const settled = this.tables.entries.get(task.id)?.task;
      if (settled && change.state === 'waiting') this.write({ ...settled, lease: task.lease });
    }
  },

  'forgets the follow-ups of a success': class extends ReferenceStore {
    protected override apply(task: Task, { followUps: _followUps, ...change }: Change, by: string): void {
      super.apply(task, change, by);
    }
  },

  'adds the follow-ups of a success without a hand-over': class extends ReferenceStore {
    protected override apply(task: Task, change: Change, by: string): void {
      super.apply(task, change, by);
      if (change.followUps !== undefined) this.insertNow(followUpsOf(change.followUps));
    }
  },

  'removes a task that keeps follow-ups': class extends ReferenceStore {
    protected override holds({ followUps: _followUps, ...task }: Task, guard: Guard): boolean {
      return super.holds(task, guard);
    }
  },

  'gives tasks back at once, whatever the delay': class extends ReferenceStore {
    protected override apply(task: Task, change: Change, by: string): void {
      super.apply(task, { ...change, delayMs: 0 }, by);
    }
  },
};

/** Opens a faulty store as a database. */
export const openFaulty =
  (Faulty: StoreClass) =>
  (tables: ReferenceTables, now: Now): Database =>
    openReference(tables, now, Faulty);

/** Drivers with one fault each, between a process and the store. */
export const FAULTY_DRIVERS: Readonly<Record<string, (database: Database) => Database>> = {
  'sends a claim again that was not answered': (database) => ({
    ...database,
    tasks: {
      ...database.tasks,
      claim: (request) => database.tasks.claim(request).catch(() => database.tasks.claim(request)),
    },
  }),

  'keeps heartbeats to itself': (database) => ({
    ...database,
    tasks: {
      ...database.tasks,
      renew: (leases, renewal) => (renewal?.alone ? database.tasks.renew(leases, renewal) : Promise.resolve(leases.map(() => true))),
    },
  }),

  'says that an outcome is written and does not write it': (database) => ({
    ...database,
    tasks: {
      ...database.tasks,
      settle: (settlements) =>
        settlements.some(({ change }) => change.state === 'succeeded')
          ? Promise.resolve(settlements.map(() => 'applied'))
          : database.tasks.settle(settlements),
    },
  }),
};

/** Hides the tasks of an unanswered claim. This breaks no rule of the store, but charges tasks a failure without a cause. */
export const hidesClaims = (database: Database): Database => ({ ...database, tasks: { ...database.tasks, held: () => Promise.resolve([]) } });

/** Returns a part of a database with some methods of its own in place of those that it has. */
const withOwn = <Part extends object>(part: Part, own: Partial<Part>): Part =>
  new Proxy(part, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in own ? own : target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

/** Returns a lease with the token that its task has now. */
async function withToken<Lease extends HeldLease>({ tasks }: Database, lease: Lease): Promise<Lease> {
  const task = await tasks.find(lease.queue, lease.id);
  return { ...lease, token: task?.lease?.token ?? lease.token };
}

/** Stores with one fault each in steps, sleeps or signals. */
export const FAULTY_STEPS: Readonly<Record<string, (database: Database) => Database>> = {
  'records steps under any lease': (database) => ({
    ...database,
    steps: withOwn(database.steps, {
      record: async (writes) => database.steps.record(await Promise.all(writes.map((write) => withToken(database, write)))),
    }),
  }),

  'takes a signal under any lease': (database) => ({
    ...database,
    steps: withOwn(database.steps, { take: async (request) => database.steps.take(await withToken(database, request)) }),
  }),

  'keeps a signal that it has handed out': (database) => ({
    ...database,
    steps: withOwn(database.steps, {
      take: async (request) => {
        const step = await database.steps.take(request);
        if (step?.kind === 'signal') await database.steps.signal(request, { id: randomUUID(), name: step.name, payload: step.value ?? 'null' });
        return step;
      },
    }),
  }),

  'keeps a signal twice that is sent again': (database) => ({
    ...database,
    steps: withOwn(database.steps, { signal: (task, signal) => database.steps.signal(task, { ...signal, id: randomUUID() }) }),
  }),

  'sets failures to 0 with every step': (database) => ({
    ...database,
    steps: withOwn(database.steps, { record: (writes) => database.steps.record(writes.map((write) => ({ ...write, clears: true }))) }),
  }),

  'begins a wait anew with every look': (database) => ({
    ...database,
    steps: withOwn(database.steps, {
      take: async (request) => {
        const step = await database.steps.take(request);
        if (step?.kind !== 'wait' || request.timeoutMs === null) return step;
        await database.steps.record([{ ...request, clears: false, step: { ...step, end: { delayMs: request.timeoutMs } } }]);
        return (await database.steps.read(request)).find(({ at }) => at === request.at) ?? null;
      },
    }),
  }),

  'forgets for which signals a task sleeps': (database) => ({
    ...database,
    tasks: withOwn(database.tasks, {
      settle: (settlements) => database.tasks.settle(settlements.map(({ change: { signals: _, ...change }, ...rest }) => ({ ...rest, change }))),
    }),
  }),
};
