import type { SearchField } from '../../constants/searchFields';

/** A text to be found: as a whole or, if it is a prefix, as a beginning. */
export interface SearchValue {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** A comparison with a number, or with milliseconds. */
export interface Comparison {
  readonly sign: '<' | '<=' | '>' | '>=' | '=';
  readonly amount: number;
}

/** One token of a search, of which any value may hold. */
export interface SearchTerm {
  /** The field; `text` for text anywhere in the payload. */
  readonly field: SearchField | 'text';
  /** For `meta` and `payload`: the names that lead to the value. */
  readonly path: readonly string[];
  readonly isNegated: boolean;
  /** Texts; empty for comparisons. */
  readonly values: readonly SearchValue[];
  /** Numbers; empty for texts. */
  readonly comparisons: readonly Comparison[];
  /** The field as it was written, as `payload.user.id`. */
  readonly label: string;
}

/** A search that was read: all of its terms must hold. */
export interface Search {
  readonly text: string;
  readonly terms: readonly SearchTerm[];
}
