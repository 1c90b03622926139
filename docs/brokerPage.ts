import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../classes/server/openApiDocument';
import { PROBLEMS } from '../constants/problems';
import { filledPage } from './filledPage';
import { table } from './reference';
import { SQS_PATH, withSqsTables } from './sqsPage';

/** Writes docs/openapi.json from the schemas of the routes, and the tables of docs/broker.md, docs/admin-api.md and docs/sqs.md. */

const pathOf = (name: string): string => join(__dirname, '..', '..', 'docs', name);

export const OPENAPI_PATH = pathOf('openapi.json');
export const BROKER_PATH = pathOf('broker.md');
export const ADMIN_PATH = pathOf('admin-api.md');

/** Returns the text of docs/openapi.json. */
export const openApiText = async (): Promise<string> => `${JSON.stringify(await openApiDocument(), null, 2)}\n`;

/** Returns docs/broker.md with the current codes. */
export const withProblems = (page: string): string => {
  const rows = Object.entries(PROBLEMS).sort(([, left], [, right]) => left.status - right.status);
  return filledPage(page, {
    problems: table(
      ['status', 'code', 'meaning'],
      rows.map(([code, { status, title }]) => [String(status), `\`${code}\``, title]),
    ),
  });
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string; readonly tags: readonly string[] }>>>>;
}

/** Returns docs/admin-api.md with the current routes. */
export const withAdminRoutes = (page: string, { paths }: Document): string =>
  filledPage(page, {
    admin: table(
      ['route', 'what it does'],
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, { tags }]) => tags.includes('admin'))
          .map(([method, { summary }]) => [`\`${method.toUpperCase()} ${path}\``, summary]),
      ),
    ),
  });

async function write(): Promise<void> {
  writeFileSync(OPENAPI_PATH, await openApiText());
  writeFileSync(ADMIN_PATH, withAdminRoutes(readFileSync(ADMIN_PATH, 'utf8'), (await openApiDocument()) as Document));
  writeFileSync(BROKER_PATH, withProblems(readFileSync(BROKER_PATH, 'utf8')));
  writeFileSync(SQS_PATH, withSqsTables(readFileSync(SQS_PATH, 'utf8')));
}

if (require.main === module) void write();
