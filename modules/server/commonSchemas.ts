import { Type } from 'typebox';
import type { TObjectOptions, TProperties } from 'typebox';
import { TASK_STATES } from '../../constants/states';
import { PROBLEMS } from '../../constants/problems';
import type { Problem } from './problem';

/** An object with these properties and no others. */
export const exactly = <Properties extends TProperties>(properties: Properties, rest: TObjectOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...rest });

/** An instant on the wire: RFC 3339, UTC. */
export const instant = Type.Unsafe<Date>({ type: 'string', format: 'date-time' });

/** The answer to a request that has a fault, of RFC 9457. */
export const problemSchema = exactly(
  {
    type: Type.String({ description: 'A URN that ends in the code.' }),
    title: Type.String({ description: 'The fault in words, the same for each code.' }),
    status: Type.Integer(),
    code: Type.Unsafe<string>({ type: 'string', enum: Object.keys(PROBLEMS), description: 'Stable, for programs.' }),
    detail: Type.String({ description: 'What is wrong here, what was expected and how to mend it.' }),
    in: Type.Optional(
      Type.Unsafe<string>({ type: 'string', enum: ['body', 'query', 'path', 'header'], description: 'The part of the request at fault.' }),
    ),
    pointer: Type.Optional(Type.String({ description: 'JSON Pointer to the value at fault in that part.' })),
    state: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: TASK_STATES, description: 'What the task is now.' })),
    at: Type.Optional(Type.Integer({ description: 'The index of the character at which a search cannot be read.' })),
    takenAt: Type.Optional(Type.Unsafe<Date>({ type: 'string', format: 'date-time', description: 'When the store last answered.' })),
    ageSeconds: Type.Optional(Type.Number({ description: 'How long ago that was.' })),
    requestId: Type.Optional(Type.String({ description: 'Names this request in the log of the server.' })),
  },
  { $id: 'Problem', description: 'A fault, as RFC 9457 describes it.' },
);

/** The reference of an answer to the shape of a fault, which the documents then name once. */
export const problemRef = Type.Unsafe<Problem>({ $ref: 'Problem#' });

const faultAnswer = (description: string) => ({ description, content: { 'application/problem+json': { schema: problemRef } } });

/** The answers of every route to a request that has a fault, and to one that the server cannot carry out. */
export const faultAnswers = {
  '4xx': faultAnswer('The request has a fault.'),
  '5xx': faultAnswer('The store did not answer, or the server has a fault.'),
};
