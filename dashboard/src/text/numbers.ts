const GROUPED = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const wholeNumber = (value: number): string => GROUPED.format(value);
export const shortNumber = (value: number): string => SHORT.format(value);

/** Writes a count, and says so where it was counted up to a bound only. */
export const countText = (count: number, isExact = true): string => (isExact ? wholeNumber(count) : `${wholeNumber(count)}+`);

/** Writes a word behind a number: 1 task, 2 tasks. */
export const plural = (count: number, word: string, isExact = true): string =>
  `${countText(count, isExact)} ${word}${count === 1 && isExact ? '' : 's'}`;

const BYTES = ['B', 'KiB', 'MiB'] as const;

export function sizeText(bytes: number): string {
  const power = Math.min(BYTES.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${SHORT.format(bytes / 1024 ** power)} ${BYTES[power] as string}`;
}
