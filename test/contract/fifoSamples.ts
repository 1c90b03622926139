import { randomUUID } from 'node:crypto';
import type { FifoChange, FifoSend, FifoSent, FifoStore } from '../../modules/ports/fifoStore';
import { newTask } from '../../modules/task/newTask';
import type { Task } from '../../modules/task/task';
import { tokenOf } from './samples';

export const QUEUE = 'q.fifo';

/** A message of a group whose body is a text. */
export const message = (group: string, text: string, onceAs: string | null = null, delayMs = 0): FifoSend => ({
  task: { ...newTask(QUEUE, 'message', text), due: { delayMs }, settings: { message: { group } } },
  onceAs,
});

/** Messages named by their groups and numbers: 'a1' is the first one of group a. */
export const named = (names: string): FifoSend[] => names.split(' ').map((name) => message(name.slice(0, 1), name));

export const send = async (fifo: FifoStore, names: string): Promise<FifoSent[]> => fifo.send(QUEUE, named(names));

export const claimAll = (fifo: FifoStore, limits: readonly number[], leaseMs = 30_000): Promise<Task[][]> =>
  fifo.claim({ queue: QUEUE, limits, token: randomUUID(), workerId: 'consumer', leaseMs });

export const claim = async (fifo: FifoStore, limit = 10, leaseMs = 30_000): Promise<Task[]> => (await claimAll(fifo, [limit], leaseMs))[0] ?? [];

export const texts = (tasks: readonly Task[]): string => tasks.map(({ payload }) => JSON.parse(payload) as string).join(' ');

export const change = (fifo: FifoStore, tasks: readonly Task[], given: FifoChange) =>
  fifo.settle(tasks.map((task) => ({ id: task.id, queue: task.queue, guard: { token: tokenOf(task) }, change: given })));

export const remove = (fifo: FifoStore, tasks: readonly Task[]) => change(fifo, tasks, { kind: 'remove' });

export const wait = (fifo: FifoStore, tasks: readonly Task[], delayMs = 0) => change(fifo, tasks, { kind: 'wait', delayMs });
