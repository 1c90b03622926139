/** Returns the first and the last of places that follow each other, as those of tasks that were added together mostly do; null otherwise. */
export function rangeOf(places: readonly (number | undefined)[]): readonly [first: number, last: number] | null {
  const [first] = places;
  if (first === undefined || !places.every((place, index) => place === first + index)) return null;
  return [first, first + places.length - 1];
}
