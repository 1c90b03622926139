import { isNamed } from '../ports/queuePatterns';
import type { TurnRule } from './fairShares';

/** The options of a worker that say how its queues take turns. */
export interface TurnOptions {
  readonly queues: readonly string[];
  readonly queueOrder: string;
  readonly queueWeights: Readonly<Record<string, number>>;
}

/** Makes the rule of a worker. Of several entries that name a queue, the first one counts. */
export function turnRule({ queues, queueOrder, queueWeights }: TurnOptions): TurnRule {
  const places = new Map<string, number>();
  const placeOf = (queue: string): number => {
    const known = places.get(queue) ?? queues.findIndex((named) => isNamed([named], queue));
    return places.set(queue, known) && known;
  };
  const weights = new Map(Object.entries(queueWeights));
  const weightOf = (queue: string): number => (weights.size === 0 ? 1 : (weights.get(queue) ?? weights.get(queues[placeOf(queue)] ?? '') ?? 1));
  return queueOrder === 'strict' ? { weightOf, placeOf } : { weightOf };
}
