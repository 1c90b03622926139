/** Control characters, characters that some viewers take for the end of a line, and marks that change the direction in which a line is shown. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** Keeps a text on one line and in its order: the text of a handler must not look like a log line of ours. */
export const oneLine = (text: string): string =>
  text.replace(UNSAFE, (character) => (character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
