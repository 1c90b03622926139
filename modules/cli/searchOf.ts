import type { ChosenOptions } from '../../config/cliOptions';

/** The token of each flag. */
const TOKENS = { queue: 'queue', state: 'state', name: 'name', tag: 'tag', key: 'key', worker: 'worker', group: 'group', error: 'error' } as const;

/** The flags that choose tasks. */
export const CHOSEN_FLAGS = [...(Object.keys(TOKENS) as (keyof typeof TOKENS)[]), 'search'] as const;

/** Returns the search for the tasks that flags choose: see docs/search.md. */
export function searchOf(chosen: ChosenOptions): string {
  const tokens = (Object.keys(TOKENS) as (keyof typeof TOKENS)[]).flatMap((flag) => {
    const value = chosen[flag];
    return value === undefined ? [] : [`${TOKENS[flag]}:${[value].flat().map(quoted).join(',')}`];
  });
  return [...tokens, ...(chosen.search === undefined ? [] : [chosen.search])].join(' ');
}

/** A value that is more than a word stands in quotes. */
const quoted = (value: string): string => (/^[\w.-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);
