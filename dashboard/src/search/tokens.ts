/** A token of a search text, and where it stands. */
export interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** The key before the colon; null for a plain text. */
  readonly key: string | null;
  readonly isNegated: boolean;
}

/** Splits a search text at its blanks; those within quotes belong to their token. */
export function tokensOf(search: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: text, index } of search.matchAll(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g)) {
    const [, minus = '', key = null] = /^(-?)(?:([A-Za-z][\w.-]*):)?/.exec(text) ?? [];
    tokens.push({ text, from: index, to: index + text.length, key, isNegated: minus === '-' });
  }
  return tokens;
}

const written = (tokens: readonly { readonly text: string }[]): string => tokens.map(({ text }) => text).join(' ');

/** Returns the value of a token: what stands behind its colon. */
export const valueOf = ({ text }: Token): string => text.slice(text.indexOf(':') + 1);

/** Returns the values that a key is to have, such as the states of `state:dead,running`. */
export const valuesOf = (search: string, key: string): string[] =>
  tokensOf(search)
    .filter((token) => token.key === key && !token.isNegated)
    .flatMap((token) => valueOf(token).split(','));

/** Returns the text without a token. */
export const withoutToken = (search: string, { from }: Token): string => written(tokensOf(search).filter((token) => token.from !== from));

/** Returns the text with one value for a key, or without the key where the value is null. */
export function withValue(search: string, key: string, value: string | null): string {
  const others = tokensOf(search).filter((token) => token.key !== key || token.isNegated);
  return written(value === null ? others : [{ text: `${key}:${value}` }, ...others]);
}

/** Writes a value so that it is one value, whatever it holds. */
export const quoted = (value: string): string => (/^[\w@.+-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);
