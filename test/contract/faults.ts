import type { Database } from '../../modules/ports/database';
import type { TaskStore } from '../../modules/ports/taskStore';
import { HoldfastError } from '../../modules/errors/holdfastError';

type Verb = Exclude<keyof TaskStore, 'watch'>;

/** A database that loses the answers to one verb, like a network that breaks after the write: the call is carried out and then fails. */
export function losingAnswers(database: Database, verb: Verb, times = 1): Database {
  let left = times;
  const tasks = new Proxy(database.tasks, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      if (key !== verb) return member.bind(target) as unknown;
      return async (...given: unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, given);
        if (left === 0) return answer;
        left -= 1;
        throw new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: verb });
      };
    },
  });
  return { ...database, tasks };
}

/** A database on which some verbs always fail, with an error that is made for each call. */
export function failing(database: Database, verbs: readonly Verb[], errorOf: () => HoldfastError): Database {
  const tasks = new Proxy(database.tasks, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return verbs.includes(key as Verb) ? () => Promise.reject(errorOf()) : (member.bind(target) as unknown);
    },
  });
  return { ...database, tasks };
}
