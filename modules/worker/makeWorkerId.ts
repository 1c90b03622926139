import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { NAME_CHARACTERS } from '../../constants/limits';

/** Makes an id that tells a reader of leases and logs where the worker is: host, process and a random part. */
export const makeWorkerId = (): string => `${hostname().slice(0, NAME_CHARACTERS / 2)}:${process.pid}:${randomBytes(3).toString('hex')}`;
