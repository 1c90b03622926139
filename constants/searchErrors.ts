/** The errors of searches and batches. */
export const SEARCH_ERRORS = {
  HOLDFAST_SEARCH_INVALID: {
    says: 'A search text cannot be read',
    fix: 'The number is the place of the character at fault, counted from 0. docs/search.md has the language.',
  },
  HOLDFAST_BATCH_MISSING: {
    says: 'There is no batch of this id',
    fix: 'Check the id. A batch is forgotten a week after its end.',
  },
} as const;
