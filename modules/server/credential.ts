import type { Action } from '../../constants/serverLimits';

/** What whoever calls may do: the holder of a token, or a user whom the program around the server knows. */
export interface Credential {
  /** Name of the token or of the user. */
  readonly name: string;
  /** What the names of its queues begin with; empty if that is not how they are told apart. */
  readonly prefix: string;
  /** Whether it allows to change anything, as far as that is known without the name of a queue. */
  readonly canWrite: boolean;
  /** Whether it allows an action on any queue. */
  holds(action: Action): boolean;
  /** Whether it allows an action on a queue; on null, on all queues at once. */
  may(action: Action, queue: string | null): boolean;
  /** Says why an action is refused. */
  refusal(action: Action): string;
}

/** What `authorize` returns: who calls, and what that user may do. */
export interface Authorized {
  /** Name of the user, for the log of what was done. */
  readonly user: string;
  /**
   * Tells whether the user may do something on a queue; on null, on all queues at once.
   *
   * @param action `read`: look; `admin`: change tasks, queues and schedules; `produce` and `consume`: send and receive messages of the broker.
   */
  readonly may: (action: Action, queue: string | null) => boolean;
}

/** Makes the credential of a user. */
export const credentialOfUser = ({ user, may }: Authorized): Credential => ({
  ...{ name: user, prefix: '', canWrite: may('admin', null) },
  // Lists show what the user may see; whatever names a queue is asked about by itself.
  holds: () => true,
  may: (action, queue) => may(action, queue),
  refusal: (action) => `${user} may not do this here: it needs the action ${action}.`,
});
