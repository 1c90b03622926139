import type { CheckedMail, MailTemplate } from '../../config/mailOptions';
import { ONE_LINE } from '../../constants/mailTexts';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { invalidMail } from '../../modules/mail/mailError';
import type { MailTexts } from '../../modules/mail/mailTypes';
import type { MailPeers } from './mailPeers';

type Render = (data: unknown) => string;

/** The compiled texts of a template. */
interface Compiled {
  readonly subject: Render;
  readonly text: Render;
  readonly html: Render | undefined;
}

/** The templates of a client. Only HTML is escaped: in a text, an `&` is one. */
export class MailTemplates {
  readonly #compiled: ReadonlyMap<string, Compiled>;

  /** @throws HOLDFAST_OPTION_INVALID with the template whose text cannot be read. */
  constructor(handlebars: MailPeers['handlebars'], templates: Readonly<Record<string, MailTemplate>>) {
    // An environment of its own: helpers of the application's mails have no place here.
    const { compile, parse } = handlebars.create();
    const compiled = (path: string, source: string, isHtml: boolean): Render => {
      try {
        parse(source);
      } catch (cause) {
        throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
          field: `mail.templates.${path}`,
          expected: 'a template of Handlebars',
          cause,
          because: reasonOf(cause),
        });
      }
      // A value that is missing is a fault: no mail has a hole.
      return compile(source, { strict: true, noEscape: !isHtml });
    };
    this.#compiled = new Map(
      Object.entries(templates).map(([name, { subject, text, html }]) => [
        name,
        {
          subject: compiled(`${name}.subject`, subject, false),
          text: compiled(`${name}.text`, text, false),
          html: html === undefined ? undefined : compiled(`${name}.html`, html, true),
        },
      ]),
    );
  }

  /** @throws HOLDFAST_MAIL_INVALID if there is no such template, if the data lacks a value, or if the subject would have a line break. */
  render({ template, data }: CheckedMail): MailTexts {
    const found = this.#compiled.get(template);
    if (!found) throw invalidMail({ field: 'mail.template', expected: `one of ${[...this.#compiled.keys()].join(', ')}` });
    const [subject, text] = [rendered(found.subject, data), rendered(found.text, data)];
    if (!ONE_LINE.test(subject)) throw invalidMail({ field: 'mail.data', expected: 'such that the subject has no line break' });
    return { subject, text, ...(found.html ? { html: rendered(found.html, data) } : {}) };
  }
}

function rendered(render: Render, data: unknown): string {
  try {
    return render(data);
  } catch (cause) {
    throw invalidMail({ field: 'mail.data', expected: 'an object that has what the template shows', cause, because: reasonOf(cause) });
  }
}

/** The first line of what Handlebars says, which names the place in the template. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.split('\n', 1).join('') : 'it cannot be read');
