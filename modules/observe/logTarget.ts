import type { LogLevel } from '../../constants/events';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { oneLine } from '../values/oneLine';
import type { LogRecord } from './logRecord';

/** A logger that takes a record as one argument, such as that of winston. */
export interface RecordLogger {
  log(record: LogRecord): unknown;
}

/** A logger with a method a level that takes fields and a message, such as that of pino or Fastify. */
export interface LevelLogger {
  error(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
  info(fields: object, message: string): unknown;
  debug(fields: object, message: string): unknown;
}

/** The part of `console` that is logged to. */
export type ConsoleLogger = Pick<Console, 'error' | 'warn' | 'info' | 'debug' | 'table'>;

/** The target of a log: a winston logger, a pino logger, `console`, or any object with a `log` method that takes a `LogRecord`. */
export type LogTarget = RecordLogger | LevelLogger | ConsoleLogger;

/** Writes one record. */
export type WriteRecord = (record: LogRecord) => void;

const METHODS = { error: 'error', warn: 'warn', info: 'info', verbose: 'debug', debug: 'debug' } as const satisfies Record<LogLevel, string>;

/**
 * Returns the function that writes records to a target.
 *
 * @throws HOLDFAST_OPTION_INVALID if the target is none of the known kinds. Otherwise each line would fail by itself, unnoticed.
 */
export function writerTo(target: LogTarget): WriteRecord {
  if (isConsole(target)) return (record) => target[METHODS[record.level]](lineOf(record));
  if (isRecordLogger(target)) return (record) => void target.log(record);
  if (isLevelLogger(target)) return ({ message, level, ...fields }) => void target[METHODS[level]](fields, message);
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
    field: 'logger',
    expected: 'a logger of winston or pino, console, or an object with a log method',
    got: describeValue(target),
  });
}

const has = (target: unknown, ...methods: readonly string[]): boolean =>
  methods.every((method) => typeof (target as Record<string, unknown> | null | undefined)?.[method] === 'function');

const isConsole = (target: LogTarget): target is ConsoleLogger => has(target, 'error', 'warn', 'info', 'debug', 'table');

const isRecordLogger = (target: LogTarget): target is RecordLogger => has(target, 'log');

const isLevelLogger = (target: LogTarget): target is LevelLogger => has(target, 'error', 'warn', 'info', 'debug');

const lineOf = ({ level, label, message }: LogRecord): string => `${level}: [${label}] ${oneLine(message)}`;
