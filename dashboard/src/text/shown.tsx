import type { ComponentChildren } from 'preact';

/** Characters that would not be seen, or that would move others: controls, marks of direction, and those without a width. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u3164]/gu;

const NAMES: Readonly<Record<number, string>> = {
  0x1b: 'ESC',
  0x0d: 'CR',
  0x07: 'BEL',
  0x00: 'NUL',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0x200b: 'ZWSP',
  0xfeff: 'BOM',
};

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
const hexOf = (character: string): string => `U+${codeOf(character).toString(16).toUpperCase().padStart(4, '0')}`;

/** Splits a text, so that each character that is not seen is a mark. */
function marked(text: string): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (index > from) parts.push(text.slice(from, index));
    parts.push(
      <span class="unseen" title={hexOf(character)}>
        {NAMES[codeOf(character)] ?? hexOf(character)}
      </span>,
    );
    from = index + character.length;
  }
  return from === 0 ? text : [...parts, text.slice(from)];
}

/** A text of somebody else: as it is, in one direction, shortened to what a cell can hold. */
export function Shown({ text, most = 300 }: { readonly text: string; readonly most?: number }) {
  const isLong = text.length > most;
  return (
    <bdi class="shown" title={isLong ? `${text.length} characters` : undefined}>
      {marked(isLong ? text.slice(0, most) : text)}
      {isLong && <span class="none">…</span>}
    </bdi>
  );
}
