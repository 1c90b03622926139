import type { Environment } from '../constants/env';
import type { LogLevel } from '../constants/events';

/** Lowest level that is logged in each environment. `HOLDFAST_LOG_LEVEL` overrides it. */
export const LOG_LEVEL_OF: Readonly<Record<Environment, LogLevel>> = Object.freeze({
  production: 'info',
  development: 'info',
  test: 'error',
});
