import { Worker } from 'holdfast';
import type { Store } from 'holdfast';
import { mailClient, mailHandler } from 'holdfast/mail';
import type { MailClient, MailMessage } from 'holdfast/mail';
import { MAILS } from '../queues';
import type { Challenge } from '../service/challenge';
import type { PostedMessage } from './mailDiscussion';

interface Tasks {
  discussionMail: MailMessage;
}

const DISCUSSION = {
  subject: 'New Discussion post for challenge {{title}} by {{author}}',
  text: '{{author}} wrote about {{title}}:\n\n{{content}}\n',
  html: '<p>{{author}} wrote about <em>{{title}}</em>:</p><blockquote>{{content}}</blockquote>',
};

/** The mail about a message to one person. */
export const mailOf = (userId: string, { title }: Challenge, { author, content }: PostedMessage): MailMessage => ({
  to: addressOf(userId),
  template: 'discussion',
  data: { title, author, content },
});

/** The address of a user, by the id. */
export const addressOf = (userId: string): string => `${userId}@members.example.org`;

/** Makes the client of this process. By the name in its greeting the mail server knows which process it was. */
export function mailerOf(env: NodeJS.ProcessEnv): MailClient {
  const { hostname: host, port } = new URL(env['SMTP_URL'] ?? 'smtp://127.0.0.1:25');
  const smtp = { host, port: Number(port), name: `worker-${process.pid}` };
  return mailClient({ smtp, from: 'Challenges <challenges@example.org>', templates: { discussion: DISCUSSION }, timeoutMs: 10_000 });
}

export const mailWorker = (mailer: MailClient, store: Store): Worker<Tasks> =>
  new Worker<Tasks>(store, { queues: [MAILS], handlers: { discussionMail: mailHandler(mailer) } });
