/** The port of queue settings. */
export interface QueueSettings {
  /** Returns the names of the paused queues. */
  paused(): Promise<ReadonlySet<string>>;

  /** Pauses or resumes a queue. */
  setPaused(queue: string, paused: boolean): Promise<void>;
}
