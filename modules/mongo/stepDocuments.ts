import type { mongo } from 'mongoose';
import { SIGNALS_A_TASK, SIGNALS_BYTES, TRANSIT_PREFIX } from '../../constants/limits';
import { LIVE_STATES } from '../../constants/states';
import type { CarriedSteps, Signal, SignalRequest, Step, StepWrite } from '../ports/stepStore';
import { textBytes } from '../values/textBytes';
import { AGAIN } from './again';
import type { StepDocument, StepFields, TaskDocument } from './taskFields';

/**
 * Steps stand in the document of their task, each in a field named by its number: a write of one is guarded by the lease that is in the same document,
 * and sent twice it writes the same. A task without steps has no such field.
 */
export const stepField = (at: number): string => `steps.${at}`;

/** Reads the steps of a document in their order. */
export const stepsOf = ({ steps = {} }: StepFields): Step[] =>
  Object.entries(steps)
    .map(([at, step]) => stepOf(Number(at), step))
    .sort((a, b) => a.at - b.at);

/** Reads one step. */
export const stepOf = (at: number, { name, kind, value, until }: StepDocument): Step => ({
  at,
  name,
  kind,
  value: value ?? null,
  until: until ?? null,
});

const documentOfStep = ({ name, kind, value, until }: Omit<Step, 'at'>): StepDocument => ({
  name,
  kind,
  ...(value === null ? {} : { value }),
  ...(until === null ? {} : { until }),
});

/** Returns the update that writes a step. Only an end that counts from now needs the server's clock, and with it a pipeline. */
export function recordUpdate({ step: { at, end, ...given }, clears }: StepWrite): mongo.UpdateFilter<TaskDocument> | object[] {
  const cleared = clears ? { failures: 0 } : {};
  if (end === null || 'at' in end) {
    const until = end === null ? null : end.at;
    return { $set: { [stepField(at)]: documentOfStep({ ...given, until }), ...cleared } };
  }
  const step = { $literal: documentOfStep({ ...given, until: null }) };
  return [{ $set: { [stepField(at)]: { $mergeObjects: [step, { until: afterNow(end.delayMs) }] }, ...cleared } }];
}

const afterNow = (ms: number): object => ({ $add: ['$$NOW', ms] });

/** Matches a task for whose wait a signal is there. */
export const takeable = ({ at, name }: SignalRequest): object => ({ 'signals.name': name, [`${stepField(at)}.kind`]: { $in: [null, 'wait'] } });

/** Moves the oldest signal of a name into a wait. */
export const takePipeline = ({ at, name, clears }: SignalRequest): object[] => [
  { $set: { taken: { $first: { $filter: { input: '$signals', cond: { $eq: ['$$this.name', { $literal: name }] } } } } } },
  {
    $set: {
      [stepField(at)]: { $mergeObjects: [{ name: '$taken.name', kind: 'signal', value: '$taken.payload', signal: '$taken.id' }] },
      signals: { $filter: { input: '$signals', cond: { $ne: ['$$this.id', '$taken.id'] } } },
      ...(clears ? { failures: 0 } : {}),
    },
  },
  { $unset: 'taken' },
];

/** Begins a wait, unless it has begun before. */
export const waitPipeline = ({ at, name, timeoutMs }: SignalRequest): object[] => {
  const wait = { $literal: { name, kind: 'wait' } };
  const begun = timeoutMs === null ? wait : { $mergeObjects: [wait, { until: afterNow(timeoutMs) }] };
  return [{ $set: { [stepField(at)]: { $ifNull: [`$${stepField(at)}`, begun] } } }];
};

const SIGNALS = { $ifNull: ['$signals', []] };
const TAKEN = { $map: { input: { $objectToArray: { $ifNull: ['$steps', {}] } }, in: '$$this.v.signal' } };
const SIZE = { $sum: { $map: { input: SIGNALS, in: { $add: [{ $strLenBytes: '$$this.name' }, { $strLenBytes: '$$this.payload' }] } } } };

/** Tells whether a task has or had a signal. */
export const isKnown = (id: string): object => ({ $or: [{ $in: [id, { $map: { input: SIGNALS, in: '$$this.id' } }] }, { $in: [id, TAKEN] }] });

/** Matches a live task that has room for a signal and does not know it yet. */
export const signalled = ({ id, name, payload }: Signal): object => ({
  state: { $in: LIVE_STATES },
  'lease.token': { $not: { $regex: `^${TRANSIT_PREFIX}` } },
  $expr: {
    $and: [
      { $not: [isKnown(id)] },
      { $lt: [{ $size: SIGNALS }, SIGNALS_A_TASK] },
      { $lte: [{ $add: [SIZE, textBytes(name) + textBytes(payload)] }, SIGNALS_BYTES] },
    ],
  },
});

/** Keeps a signal, and makes a task that waits for it due. */
export function signalPipeline(signal: Signal): object[] {
  const isAwaited = {
    $and: [
      { $eq: ['$state', 'waiting'] },
      { $eq: ['$awaits.attempt', '$attempt'] },
      { $in: [{ $literal: signal.name }, { $ifNull: ['$awaits.signals', []] }] },
    ],
  };
  const ifAwaited = (value: unknown, field: string): object => ({ $cond: [isAwaited, value, `$${field}`] });
  return [
    {
      $set: {
        signals: { $concatArrays: [SIGNALS, [{ $literal: signal }]] },
        availableAt: ifAwaited({ $min: ['$availableAt', '$$NOW'] }, 'availableAt'),
        rev: ifAwaited({ $add: ['$rev', 1] }, 'rev'),
        again: ifAwaited(AGAIN, 'again'),
      },
    },
  ];
}

/** Tells whether a task waited for a signal, by its fields before the signal came. */
export const hasAwaited = ({ state, attempt, awaits }: TaskDocument, { name }: Signal): boolean =>
  state === 'waiting' && awaits?.attempt === attempt && awaits.signals.includes(name);

/** Reads what a task carries to another store. */
export const carriedOf = (id: string, fields: StepFields): CarriedSteps => ({
  id,
  steps: stepsOf(fields),
  signals: fields.signals ?? [],
  awaits: fields.awaits ?? null,
});

/** Returns the fields of what a task has carried here. */
export const stepFieldsOf = ({ steps, signals, awaits }: CarriedSteps): StepFields => ({
  ...(steps.length > 0 ? { steps: Object.fromEntries(steps.map(({ at, ...step }) => [at, documentOfStep(step)])) } : {}),
  ...(signals.length > 0 ? { signals: [...signals] } : {}),
  ...(awaits ? { awaits: { attempt: awaits.attempt, signals: [...awaits.signals] } } : {}),
});
