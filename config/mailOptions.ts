import { HOUR, MINUTE, NAME_CHARACTERS } from '../constants/limits';
import { ADDRESS, FROM, ONE_LINE } from '../constants/mailTexts';
import { milliseconds, object } from './optionKinds';
import { integer, optional, record, text, value } from './schema';
import type { ValueOf } from './schema';

/** Options of mail tasks. */

const address = (rest: object = {}) =>
  text({ minLength: 3, maxLength: 320, pattern: ADDRESS.source, expects: 'one mail address, without a name, a space or a line break', ...rest });

/** A mail, which is also the payload of a mail task. It has one recipient: what is repeated then never reaches another one twice. */
export const mailMessage = record({
  to: address({ description: 'Address of the recipient.' }),
  name: optional(
    text({ maxLength: NAME_CHARACTERS, pattern: ONE_LINE.source, expects: 'a name without line breaks', description: 'Name of the recipient.' }),
  ),
  template: text({ minLength: 1, maxLength: NAME_CHARACTERS, description: 'Name of the template.' }),
  data: object({ default: {}, description: 'What the template shows.' }),
});

/** The texts of a template. */
export interface MailTemplate {
  /** The subject, one line. */
  readonly subject: string;
  /** The mail as text. */
  readonly text: string;
  /** The mail as HTML, beside the text. What `{{…}}` shows is escaped. */
  readonly html?: string;
}

const isTemplate = (given: unknown): boolean => {
  const { subject, text: plain, html, ...others } = (given ?? {}) as Record<string, unknown>;
  return [subject, plain, html ?? ''].every((part) => typeof part === 'string') && Object.keys(others).length === 0;
};

const areTemplates = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && Object.keys(given).length > 0 && Object.values(given).every(isTemplate);

const isServer = (given: unknown): boolean =>
  (typeof given === 'string' && /^smtps?:\/\//.test(given) && URL.canParse(given)) || (typeof given === 'object' && given !== null);

/** Options of a mail client, and of a handler. */
export const mailOptions = record({
  smtp: value<string | Readonly<Record<string, unknown>>>({
    is: { holds: isServer, says: 'a URL that begins with smtp:// or smtps://, or an object of options for nodemailer' },
    description: 'The mail server: a URL such as `smtps://user:password@mail.example.org`, or options of nodemailer’s SMTP transport.',
  }),
  from: text({
    maxLength: 512,
    pattern: FROM.source,
    expects: 'an address, or a name and an address in angle brackets',
    description: 'The sender: `news@example.org` or `News <news@example.org>`.',
  }),
  replyTo: optional(address({ description: 'Address for answers, if it is another one.' })),
  templates: value<Readonly<Record<string, MailTemplate>>>({
    type: 'object',
    is: { holds: areTemplates, says: 'an object of templates by name, each with the texts subject and text, and perhaps html' },
    description: 'Templates by name, each with `subject`, `text` and perhaps `html`, in the language of Handlebars.',
  }),
  connections: integer({
    minimum: 1,
    maximum: 1_000,
    default: 5,
    description: 'Connections to the server that are kept open in this process; each takes one mail at a time.',
  }),
  timeoutMs: milliseconds(1, HOUR, { default: MINUTE, description: 'Time that one mail may take, the wait for a connection included.' }),
});

export type ResolvedMailOptions = Readonly<ValueOf<typeof mailOptions>>;
export type CheckedMail = Readonly<ValueOf<typeof mailMessage>>;
