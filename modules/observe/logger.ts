import type * as winston from 'winston';
import { LOG_LEVEL_OF } from '../../config/logLevels';
import { env } from '../../constants/env';
import { LOG_LEVELS } from '../../constants/events';
import { oneLine } from '../values/oneLine';
import { redactFormat } from './redactFormat';

let made: winston.Logger | undefined;

/**
 * Returns the logger of Holdfast, which is made when it is first used: winston takes 30 ms to load.
 *
 * It writes lines such as `2026-11-22T21:23:58.982Z - info: [index] Iteration took 0.012 seconds`.
 */
export const theLogger = (): winston.Logger => (made ??= makeLogger());

function makeLogger(): winston.Logger {
  const { createLogger, format, transports } = require('winston') as typeof winston;
  const line = format.printf(
    ({ timestamp, level, label = 'index', message }) => `${String(timestamp)} - ${level}: [${String(label)}] ${oneLine(String(message))}`,
  );
  const logger = createLogger({
    levels: Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
    level: process.env['HOLDFAST_LOG_LEVEL'] || LOG_LEVEL_OF[env],
    format: format.combine(redactFormat(), format.timestamp(), line),
    transports: [new transports.Console()],
    exitOnError: false,
  });
  // A failing log must not stop the work.
  return logger.on('error', () => undefined);
}
