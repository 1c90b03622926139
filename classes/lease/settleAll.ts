import type { SettleAnswer, Settlement, TaskStore } from '../../modules/ports/taskStore';

/**
 * Settles until the store has answered for each, and sends again only what it has not answered.
 *
 * @throws the error of the store, if it answers nothing more.
 */
export async function settleAll(tasks: Pick<TaskStore, 'settle'>, settlements: readonly Settlement[]): Promise<readonly SettleAnswer[]> {
  const answers = await tasks.settle(settlements);
  const left = settlements.filter((_, index) => answers[index] === 'unknown');
  if (left.length === 0) return answers;
  const later = (await settleAll(tasks, left)).values();
  return answers.map((answer) => (answer === 'unknown' ? (later.next().value as SettleAnswer) : answer));
}
