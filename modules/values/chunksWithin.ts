/**
 * Splits items into chunks that are bounded by number and by weight. An item that weighs more than the bound is a chunk by itself.
 *
 * @param most largest number of items in a chunk.
 * @param mostWeight largest weight of a chunk.
 * @param weigh returns the weight of an item.
 */
export function chunksWithin<T>(items: readonly T[], most: number, mostWeight: number, weigh: (item: T) => number): T[][] {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let weight = 0;
  for (const item of items) {
    const own = weigh(item);
    if (chunk.length === most || (chunk.length > 0 && weight + own > mostWeight)) {
      chunks.push(chunk);
      [chunk, weight] = [[], 0];
    }
    chunk.push(item);
    weight += own;
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
}
