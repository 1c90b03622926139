import { OTHER_NAMES } from '../../constants/otherNames';

/** Letters by which a name may differ from the one that was meant. */
const MOST_EDITS = 2;

/** Returns in words which option was probably meant by a name that there is not: the one of this meaning, else the nearest one. */
export function meantBy(name: string, known: readonly string[]): string | undefined {
  const same = (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : [])?.find((other) => known.includes(other));
  if (same !== undefined) return `its name here is ${same}`;
  const near = nearest(name, known);
  return near === undefined ? undefined : `the nearest one is ${near}`;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const withUnit = known.find((other) => other === `${name}Ms`);
  if (withUnit !== undefined) return withUnit;
  const most = Math.min(MOST_EDITS, Math.floor(name.length / 3));
  const ranked = known.map((other) => ({ other, edits: editsBetween(name.toLowerCase(), other.toLowerCase()) }));
  const best = ranked.filter(({ edits }) => edits <= most).sort((one, two) => one.edits - two.edits)[0];
  return best?.other;
}

/** Returns the number of letters to insert, remove or change; two that are swapped count as one. */
function editsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MOST_EDITS) return Infinity;
  let [before, row]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      next.push(isSwapped ? Math.min(cost, (before[j - 2] ?? 0) + 1) : cost);
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
