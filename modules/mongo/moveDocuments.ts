import type { Move } from '../ports/messageStore';
import type { Guard } from '../ports/taskStore';
import type { MongoKeys } from './mongoKeys';
import type { TaskDocument } from './taskFields';

/** Tells whether the guard of a move holds for a document. */
export function holdsFor({ state, rev, lease }: TaskDocument, guard: Guard): boolean {
  if ('rev' in guard) return state === guard.state && rev === guard.rev;
  if (lease?.token !== guard.token) return false;
  return !('expiresAt' in guard) || lease.expiresAt.getTime() === guard.expiresAt.getTime();
}

/** Returns the document of a task after its move: it waits, and is due at once. */
export function movedDocument(document: TaskDocument, { to, settings, by }: Move, { inside }: MongoKeys, now: Date): TaskDocument {
  const { lease: _lease, finishedAt: _finishedAt, expireAt: _expireAt, settings: _settings, ...kept } = document;
  const moved = { ...kept, queue: inside(to), state: 'waiting', suspect: false, rev: document.rev + 1, availableAt: now, settledBy: by } as const;
  return Object.keys(settings).length > 0 ? { ...moved, settings } : moved;
}
