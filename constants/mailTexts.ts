/** One address without a name. What could end it, or begin another one or another header, is none of its characters. */
export const ADDRESS = /^[^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}\p{Cs}]{1,64}@[^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}\p{Cs}]{1,253}$/u;

/** Text of one line. */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;

/** An address, or a name and an address in angle brackets. */
export const FROM = /^(?:[^\p{Cc}\p{Cs}<>]* )?<?([^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}\p{Cs}]+@([^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}\p{Cs}]+))>?$/u;
