/** What the patterns need of an application. */
export interface Accounts {
  /** The accounts whose trial has ended by then, and was not ended in the books. */
  findEndedTrials(by: Date): Promise<string[]>;
  /** Ends a trial in the books. Ending it twice changes nothing more. */
  endTrial(account: string): Promise<void>;
  /** Opens the projects of a new account, unless they are there. */
  openProjects(account: string): Promise<void>;
}
