import { SCRUBBED_CHARACTERS } from '../../constants/limits';

/** The placeholder for a secret. */
export const REDACTED = '[redacted]';

/** Maximum length of a word that a cut may split. It is left out, because half a secret is not recognised. */
const CUT_WORD_CHARACTERS = 1_000;

/** The names of secrets in text, as a setting, a URL or JSON has them. */
const NAMES = String.raw`password|passwd|pwd|passphrase|secret|token|credential|(?:api|access|secret|private)[-_ ]?key|(?<![a-z])pass`;

/** A quoted value (also in JSON within JSON), or one up to a character that ends a value. */
const VALUE = String.raw`\\"(?:(?!\\").)*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'&,;]+`;

const NAMED = new RegExp(String.raw`(${NAMES})(s?\\?["']?\s{0,20}[:=]\s{0,20})(?!\[redacted\])(${VALUE})`, 'gi');

/** A number of tokens, as language models count them. */
const isQuantity = (name: string, between: string, value: string): boolean => /^token$/i.test(name) && /^s/i.test(between) && /^\d+$/.test(value);

/** The credentials of a header. Of ordinary words, as in "basic research", none looks random. */
const SCHEME = /\b(bearer|basic|negotiate)(\s{1,20})([\w.~+/=-]{6,})/gi;

/** A digit, a sign of an encoding, or a capital inside a word. */
const LOOKS_RANDOM = /[\d=+/]|[a-z][A-Z]/;

/** A header whose value is secret: the rest of the line. */
const HEADER =
  /\b(proxy-authorization|authorization|set-cookie|cookie|x-api-key)(["']?\s{0,20}:\s{0,20})(?!(?:bearer|basic|negotiate) {1,20}\[)[^\r\n]+/gi;

/** Tokens that their form gives away: of GitHub, GitLab, Slack, Stripe, AWS and npm, and JSON Web Tokens. */
const ISSUED =
  /(?<![\w-])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|A[KS]IA[A-Z\d]{16}|npm_\w{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g;

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;

/** Each expression takes a time in proportion to the text: no run of characters is begun at every character of itself. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [PRIVATE_KEY, REDACTED],
  [/(:\/\/)[^\s/?#]+@/g, `$1${REDACTED}@`],
  [HEADER, `$1$2${REDACTED}`],
  [ISSUED, REDACTED],
];

/** Redacts whatever looks like a secret in a text. A very long text is cut first, and says so. */
export function scrub(text: string): string {
  const schemes = bounded(text).replace(SCHEME, (whole, scheme: string, space: string, value: string) =>
    LOOKS_RANDOM.test(value) ? `${scheme}${space}${REDACTED}` : whole,
  );
  const formed = PATTERNS.reduce((left, [pattern, by]) => left.replace(pattern, by), schemes);
  return formed.replace(NAMED, (whole, name: string, between: string, value: string) =>
    isQuantity(name, between, value) ? whole : `${name}${between}${REDACTED}`,
  );
}

/** Cuts a text that is longer than a line of a log should be, before a word. */
export function bounded(text: string): string {
  if (text.length <= SCRUBBED_CHARACTERS) return text;
  const head = text.slice(0, SCRUBBED_CHARACTERS);
  const wordLength = /\S*$/.exec(head.slice(-CUT_WORD_CHARACTERS))?.[0].length ?? 0;
  const kept = head.slice(0, head.length - wordLength);
  return `${kept}… [${text.length - kept.length} more characters]`;
}
