import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { eventOptions, eventRetentionOptions, hubOptions, scheduleOptions } from '../config/eventOptions';
import { optionTable } from './reference';

/** Writes the tables of docs/events.md, each between a mark of its name and the mark of its end; a test holds them to the code. */

const TABLES: Readonly<Record<string, TSchema>> = {
  event: eventOptions,
  retention: eventRetentionOptions,
  hub: hubOptions,
  schedule: scheduleOptions,
};

/** The page with its tables as they are now. */
export const withTables = (page: string): string =>
  Object.entries(TABLES).reduce((left, [name, table]) => {
    const [begin, end] = [`<!-- table: ${name} -->`, '<!-- end -->'];
    const from = left.indexOf(begin) + begin.length;
    return `${left.slice(0, from)}\n\n${optionTable(table)}\n\n${left.slice(left.indexOf(end, from))}`;
  }, page);

if (require.main === module) {
  const path = join(__dirname, '..', '..', 'docs', 'events.md');
  writeFileSync(path, withTables(readFileSync(path, 'utf8')));
}
