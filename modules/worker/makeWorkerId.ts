import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { NAME_CHARACTERS } from '../../constants/limits';

/** Returns a worker id of host, process and a random part, which shows a reader of leases and logs where the worker runs. */
export const makeWorkerId = (): string => `${hostname().slice(0, NAME_CHARACTERS / 2)}:${process.pid}:${randomBytes(3).toString('hex')}`;
