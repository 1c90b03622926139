/** Common names of secrets, in the singular and the plural. Case, separators and prefixes do not matter. */
const SECRET_NAMES =
  /(?:passwords?|passwds?|pwds?|passphrases?|secrets?|tokens?|credentials?|(?:api|access|secret|private|signing|encryption)keys?|authorization|cookies?|cardnumbers?)$|^(?:pass|cvc|cvv|pin|otp|ssn)$/;

/** The word `pass` at the end of a name such as `smtp.pass`, `DB_PASS` or `userPass`, but not of `bypass` or `compass`. */
const ENDS_WITH_PASS = /[^a-zA-Z](?:pass|PASS|Pass)$|[a-z]Pass$/;

/** Names of quantities that only sound like secrets, such as the `maxTokens` of a language model. */
const COUNTED = /tokens$/;

/**
 * Tells whether the value under a name is secret by custom.
 *
 * @param value the value: a number under `tokens` is a quantity.
 */
export function isSecretName(name: string, value?: unknown): boolean {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  if (typeof value === 'number' && COUNTED.test(letters)) return false;
  return SECRET_NAMES.test(letters) || ENDS_WITH_PASS.test(name);
}
