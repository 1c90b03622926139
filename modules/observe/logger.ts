import { createLogger, format, transports } from 'winston';
import type { Logger } from 'winston';
import { LOG_LEVEL_OF } from '../../config/logLevels';
import { env } from '../../constants/env';
import { LOG_LEVELS } from '../../constants/events';
import { oneLine } from '../values/oneLine';
import { redactFormat } from './redactFormat';

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
