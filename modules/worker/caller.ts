/** On whose behalf a call is made: the context of a handler or of a step, or the parts of one. */
export interface Caller {
  /** The key of the call, the same in every attempt; for example that of a step. */
  readonly key?: string;
  /** The id of the task, by which the call is known if it has no key. */
  readonly id?: string;
  /** Ends the call. The signal's reason is thrown. */
  readonly signal?: AbortSignal;
}
