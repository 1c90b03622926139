/**
 * Splits items into rounds in which no id comes twice, so that each round may be carried out at once. Items of one id keep their order.
 *
 * Mostly there is one round, which is then the array itself.
 */
export function roundsOf<T extends { readonly id: string }>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0 || new Set(items.map(({ id }) => id)).size === items.length) return [items];
  const rounds: T[][] = [];
  const seen = new Map<string, number>();
  for (const item of items) {
    const round = seen.get(item.id) ?? 0;
    seen.set(item.id, round + 1);
    (rounds[round] ??= []).push(item);
  }
  return rounds;
}
