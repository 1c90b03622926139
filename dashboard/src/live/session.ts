import { get } from '../api/client';
import type { Session } from '../api/types';
import { Cell, useCell } from './cell';
import { link } from './link';

/** Who looks, and what he may do; null until the server has answered. */
export const session = new Cell<Session | null>(null);

const load = (): void =>
  void get<Session>('admin/session').then(
    (answer) => session.set(answer),
    () => undefined,
  );

/** Asks once, and again when the server was away: it may be another one. */
export function followSession(): void {
  load();
  link.state.follow(() => link.state.value === 'live' && load());
}

/** Tells whether actions are offered. The server decides in any case. */
export const useCanWrite = (): boolean => useCell(session)?.canWrite === true;
