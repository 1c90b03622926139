/** Where a search has come to: one of its phases, and the id of the last task there. */
export interface SearchPlace {
  readonly phase: number;
  readonly after?: string;
}

/** Reads the `after` of a search. */
export function searchPlace(after: string | undefined): SearchPlace {
  if (after === undefined) return { phase: 0 };
  const [phase = '', id] = after.includes(':') ? after.split(':') : ['0', after];
  return { phase: Number(phase), ...(id ? { after: id } : {}) };
}

/** Writes the `next` of a page. That of a search with one phase is an id, as in a listing. */
export const searchCursor = ({ phase, after = '' }: SearchPlace): string => (phase === 0 ? after : `${phase}:${after}`);
