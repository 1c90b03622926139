import { createLogger, format, transports } from 'winston';
import type { Logger } from 'winston';
import { LOG_LEVEL_OF } from '../../config/logLevels';
import { env } from '../../constants/env';
import { LOG_LEVELS } from '../../constants/events';
import { redactFormat } from './redactFormat';

/** Control characters, and the characters that some terminals and viewers take for the end of a line. */
const UNSAFE = /[\p{Cc}\u2028\u2029]/gu;

/** Keeps a message on one line: the text of a handler must not look like a log line of ours. */
const oneLine = (text: string): string =>
  text.replace(UNSAFE, (character) => (character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));

const line = format.printf(
  ({ timestamp, level, label = 'index', message }) => `${String(timestamp)} - ${level}: [${String(label)}] ${oneLine(String(message))}`,
);

/** The logger of Holdfast. It writes lines such as `2026-11-22T21:23:58.982Z - info: [index] Iteration took 0.012 seconds`. */
export const logger: Logger = createLogger({
  levels: Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
  level: process.env['HOLDFAST_LOG_LEVEL'] || LOG_LEVEL_OF[env],
  format: format.combine(redactFormat(), format.timestamp(), line),
  transports: [new transports.Console()],
  exitOnError: false,
});

// A failing log must not stop the work.
logger.on('error', () => undefined);
