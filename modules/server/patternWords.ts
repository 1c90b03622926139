import { brokerQueueName, sentMessage } from '../../config/brokerOptions';
import { failureGroup, idOption, nameOption, pageAfter, processIdOption, queueNameOption } from '../../config/optionKinds';
import type { OptionTable } from '../../config/schema';

const TABLES: readonly OptionTable[] = [
  ...[processIdOption, nameOption, queueNameOption, idOption, failureGroup(), pageAfter(), brokerQueueName],
  ...Object.values(sentMessage.properties as Readonly<Record<string, OptionTable>>),
];

/** What the patterns of schemas mean. A pattern itself tells a reader little. */
const WORDS: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap(({ pattern, expects }) => (pattern !== undefined && expects !== undefined ? [[pattern, expects] as const] : [])),
);

/** Says in words what a pattern of a schema asks for. */
export const wordsOf = (pattern: string): string => WORDS.get(pattern) ?? 'of the form that docs/openapi.json describes';
