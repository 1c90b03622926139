import type { Database } from '../../modules/ports/database';
import { HoldfastError } from '../../modules/errors/holdfastError';

type Port = 'search' | 'looks' | 'tallies' | 'settings' | 'records' | 'schedules';

/** Ports that a page of the dashboard reads. */
const READ: readonly Port[] = ['search', 'looks', 'tallies', 'settings', 'records', 'schedules'];

/** A database of which a test takes ports away and gives them back. */
export interface AwayDatabase {
  readonly database: Database;
  /** While it is true, every call of these ports is late. */
  isAway: boolean;
}

/** Wraps a database so that calls of some ports fail while it is away, as those of a store that does not answer in time. */
export function awayDatabase(database: Database, ports: readonly Port[] = READ): AwayDatabase {
  const held = { database, isAway: false };
  const away = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown =>
          held.isAway ? Promise.reject(new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: String(key) })) : Reflect.apply(member, target, given);
      },
    });
  held.database = { ...database, ...Object.fromEntries(ports.map((port) => [port, away(database[port])])), close: () => database.close() };
  return held;
}
