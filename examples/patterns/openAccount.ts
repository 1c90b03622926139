import { defineEvent } from 'holdfast';
import type { TaskContext } from 'holdfast';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Accounts } from './accounts';

const Opened = Type.Object({ account: Type.String({ minLength: 1 }), invitedBy: Type.Optional(Type.String()) });

/** Emit it in the transaction that writes the account: `emit({ account }, { session })`. */
export const accountOpened = (accounts: Accounts) =>
  defineEvent({
    name: 'account-opened',
    schema: Opened,
    retry: { maxRetries: 10 },
    process: (opened, context) => prepare(accounts, opened, context),
  });

export async function prepare(accounts: Accounts, { account, invitedBy }: Static<typeof Opened>, { add }: Pick<TaskContext, 'add'>) {
  await accounts.openProjects(account);
  add('mails', 'welcome', { to: account });
  if (invitedBy !== undefined) add('mails', 'thanks', { to: invitedBy });
  return { opened: account };
}
