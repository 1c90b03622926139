/** A queue in which something is due, and the best priority of it. */
export interface DueQueue {
  readonly queue: string;
  readonly priority: number;
}

/** The look at queues: covered reads, of one key a queue, whatever their number of tasks. */
export interface QueueLook {
  /**
   * Returns the queues in which a task is due, each with its best priority, in no order.
   *
   * @param queues names, and patterns such as `mail.*` and `*`.
   */
  due(queues: readonly string[]): Promise<DueQueue[]>;

  /** Returns the names of all queues that have a task, in whatever state, in no order. */
  names(): Promise<string[]>;
}
