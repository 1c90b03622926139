import sinon from 'sinon';
import type { SinonStub } from 'sinon';
import type { TaskStore } from '../../modules/ports/taskStore';
import { HoldfastError } from '../../modules/errors/holdfastError';

/** Hands nothing over. */
export const NO_HAND_OVERS = Object.freeze({ begin: (): void => undefined, idle: (): Promise<void> => Promise.resolve() });

type Verb<Name extends keyof TaskStore> = NonNullable<TaskStore[Name]>;

/** A lease port of stubs. */
export type FakeTasks = { readonly [Name in keyof Required<TaskStore>]: SinonStub<Parameters<Verb<Name>>, ReturnType<Verb<Name>>> };

/** Makes a lease port with nothing to do: it has no tasks, every lease holds, and every settlement is applied. */
export function fakeTasks(): FakeTasks {
  const stub = <Name extends keyof TaskStore>(answer: Verb<Name>) =>
    sinon.stub<Parameters<Verb<Name>>, ReturnType<Verb<Name>>>().callsFake(answer as (...given: Parameters<Verb<Name>>) => ReturnType<Verb<Name>>);
  return {
    insert: stub<'insert'>((tasks) => Promise.resolve(tasks.map(({ id }) => ({ id, added: true })))),
    claim: stub<'claim'>(() => Promise.resolve({ tasks: [], suspect: null })),
    held: stub<'held'>(() => Promise.resolve([])),
    renew: stub<'renew'>((leases) => Promise.resolve(leases.map(() => true))),
    settle: stub<'settle'>((settlements) => Promise.resolve(settlements.map(() => 'applied'))),
    expired: stub<'expired'>(() => Promise.resolve([])),
    find: stub<'find'>(() => Promise.resolve(null)),
    list: stub<'list'>(() => Promise.resolve({ tasks: [], next: null })),
    counts: stub<'counts'>(() => Promise.resolve({})),
    nextDueMs: stub<'nextDueMs'>(() => Promise.resolve(null)),
    prune: stub<'prune'>(() => Promise.resolve(0)),
    watch: stub<'watch'>(() => () => undefined),
  };
}

export const unreachable = (): HoldfastError => new HoldfastError('HOLDFAST_STORE_UNREACHABLE');

export const timedOut = (): HoldfastError => new HoldfastError('HOLDFAST_STORE_TIMEOUT');

/** A call that is never answered. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve: (value) => resolve(value), reject: (reason) => reject(reason) };
}
