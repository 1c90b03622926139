/** The settings of queues. */
export interface QueueSettings {
  /** Returns the names of the queues that are paused. */
  paused(): Promise<ReadonlySet<string>>;

  /** Pauses or resumes a queue. */
  setPaused(queue: string, paused: boolean): Promise<void>;
}
