/** A bound on the weight of a batch. An item that weighs more is a batch by itself. */
export interface WeightBound<Item> {
  readonly most: number;
  readonly weigh: (item: Item) => number;
}

/** Returns the end of the chunk that begins at `from`: it has at most `limit` items, and is within the bound. */
export function chunkEnd<Item>(items: readonly Item[], from: number, limit: number, { most, weigh }: WeightBound<Item>): number {
  const last = Math.min(from + limit, items.length);
  let weight = 0;
  for (let end = from; end < last; end += 1) {
    weight += weigh(items[end] as Item);
    if (weight > most && end > from) return end;
  }
  return last;
}

/** Cuts a list into chunks of at most `limit` items that are within the bound. */
export function chunksWithin<Item>(items: readonly Item[], limit: number, bound: WeightBound<Item>): Item[][] {
  const chunks: Item[][] = [];
  for (let from = 0; from < items.length;) {
    const end = chunkEnd(items, from, limit, bound);
    chunks.push(items.slice(from, end));
    from = end;
  }
  return chunks;
}
