import { join } from 'node:path';
import { SQS_ERRORS } from '../constants/sqsErrors';
import { SQS_ACTIONS } from '../modules/sqs/actions';
import { QUEUE_ATTRIBUTES } from '../modules/sqs/queueAttributes';
import type { AttributeRow } from '../modules/sqs/queueAttributes';
import { filledPage } from './filledPage';
import { table } from './reference';

export const SQS_PATH = join(__dirname, '..', '..', 'docs', 'sqs.md');

const code = (text: string): string => `\`${text}\``;

const told = (note: string): string => (note === '' ? 'as SQS' : note);

/** Returns docs/sqs.md with the current actions, attributes and errors. */
export const withSqsTables = (page: string): string =>
  filledPage(page, {
    actions: table(
      ['action', 'a key needs', 'compared with SQS'],
      Object.entries(SQS_ACTIONS).map(([name, { access, note }]) => [code(name), code(access), told(note)]),
    ),
    attributes: table(
      ['attribute', 'values', 'compared with SQS'],
      Object.entries(QUEUE_ATTRIBUTES).map(([name, row]) => [code(name), valuesOf(row), told(row.note)]),
    ),
    errors: table(
      ['status', 'error', 'code of the older protocol', 'when'],
      Object.values(SQS_ERRORS).map(({ status, type, code: old, when }) => [
        String(status),
        code(type.slice(type.indexOf('#') + 1)),
        code(old),
        when,
      ]),
    ),
  });

function valuesOf({ kept }: AttributeRow): string {
  if (kept.as === 'number') return `${kept.from.toLocaleString('en-US')} to ${kept.to.toLocaleString('en-US')}`;
  return kept.as === 'told' ? 'is told' : 'text';
}
