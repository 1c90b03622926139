export { TestClock } from './testClock';
export { testContext } from './testContext';
export type { LoggedLine, TestContext, TestFollowUp, TestTask } from './testContext';
export { tasksOf, testStore } from './testStore';
export type { Outcome } from '../../modules/task/change';
