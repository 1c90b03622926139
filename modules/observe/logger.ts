import { createLogger, format, transports } from 'winston';
import type { Logger } from 'winston';
import { LOG_LEVEL_OF } from '../../config/logLevels';
import { env } from '../../constants/env';
import { LOG_LEVELS } from '../../constants/events';
import { redactFormat } from './redactFormat';

/** Control characters, and what some terminals and viewers take for the end of a line. */
const UNSAFE = /[\p{Cc}\u2028\u2029]/gu;

/** Whatever a message holds, it stays one line: a handler's text must not look like a line of ours. */
const oneLine = (text: string): string =>
  text.replace(UNSAFE, (character) => (character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));

const line = format.printf(
  ({ timestamp, level, label = 'index', message }) => `${String(timestamp)} - ${level}: [${String(label)}] ${oneLine(String(message))}`,
);

/** The one logger: lines such as `2026-11-22T21:23:58.982Z - info: [index] Iteration took 0.012 seconds`. */
export const logger: Logger = createLogger({
  levels: Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
  level: process.env['HOLDFAST_LOG_LEVEL'] || LOG_LEVEL_OF[env],
  format: format.combine(redactFormat(), format.timestamp(), line),
  transports: [new transports.Console()],
  exitOnError: false,
});

// A log that cannot be written must not stop the work.
logger.on('error', () => undefined);
