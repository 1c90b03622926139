import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptionTable } from '../config/schema';
import { eventOptions, eventRetentionOptions, hubOptions, scheduleOptions } from '../config/eventOptions';
import { filledPage } from './filledPage';
import { optionTable } from './reference';

/** Writes the tables of docs/events.md, each between its two marks. A test compares them with the code. */

const TABLES: Readonly<Record<string, OptionTable>> = {
  event: eventOptions,
  retention: eventRetentionOptions,
  hub: hubOptions,
  schedule: scheduleOptions,
};

/** Returns the page with the current tables. */
export const withTables = (page: string): string =>
  filledPage(page, Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, optionTable(table)])));

if (require.main === module) {
  const path = join(__dirname, '..', '..', 'docs', 'events.md');
  writeFileSync(path, withTables(readFileSync(path, 'utf8')));
}
