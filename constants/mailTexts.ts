/** A character of an address. What could end one, or begin another one or another header, is none. */
const CHARACTER = '[^\\s<>()[\\]\\\\,;:"@\\p{Cc}\\p{Cf}\\p{Cs}]';

const MAILBOX = `${CHARACTER}{1,64}@${CHARACTER}{1,253}`;

/** One address without a name. */
export const ADDRESS = new RegExp(`^${MAILBOX}$`, 'u');

/** Text of one line. */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;

/** The sender: an address, or a name, which may stand in quotes, and an address in angle brackets. */
export const FROM = new RegExp(`^(?:"?(?<name>[^\\p{Cc}\\p{Cs}<>()[\\]\\\\;:"@]*)"? <(?<inner>${MAILBOX})>|(?<bare>${MAILBOX}))$`, 'u');
