export { openStore } from './classes/store/openStore';
export type { Store } from './classes/store/store';
export type { Batches } from './classes/bulk/batches';
export type { BatchState, BatchView } from './modules/bulk/batchRow';
export type { BatchAction } from './modules/bulk/batchDecisions';
export type { Processes } from './classes/roster/processes';
export type { Failures } from './classes/statistics/failures';
export type { FailureSample, FailuresOfName } from './modules/statistics/failureRow';
export type { FailureGroup } from './modules/statistics/failureView';
export type { Statistics } from './classes/statistics/statistics';
export { TIME_BUCKETS_MS } from './modules/statistics/histogram';
export type { TimesView } from './modules/statistics/histogram';
export type { TaskCounts } from './modules/statistics/counts';
export type { CountsView, NameStatistics, StatisticsPoint, StatisticsView } from './modules/statistics/statisticsView';
export type { Explanation, ExplanationCode } from './modules/roster/explanation';
export type { ProcessView, ProcessWorker, RunningTask } from './modules/roster/processRow';
export type { BulkCount } from './modules/ports/bulk';
export type { SearchPage } from './modules/search/searchView';
export type { Suggestion } from './modules/search/suggestions';
export { searchPlaceOf } from './modules/search/searchFault';
export { Queue } from './classes/queue/queue';
export type { Added, TaskPage, TaskViewOf } from './classes/queue/queueTypes';
export type { InSession } from './modules/store/givenSession';
export type { NamedQueue, TaskSpec, TaskMap } from './modules/task/taskSpec';
export { Broker } from './classes/broker/broker';
export type {
  DeadLetter,
  EntryAnswer,
  Message,
  MessageAttributes,
  MessageBody,
  MessageState,
  OutgoingMessage,
  PeekedMessage,
  QueueInfo,
  QueueStats,
  ReceivedMessage,
  Sent,
} from './modules/broker/brokerTypes';
export { Worker } from './classes/worker/worker';
export { defineEvent } from './classes/events/declaredEvent';
export type { DeclaredEvent } from './classes/events/declaredEvent';
export type { EmitOptions, EventStats, EventView } from './classes/events/eventTypes';
export { EventHub } from './classes/events/eventHub';
export type { AnyEvent, HubArguments } from './classes/events/eventHub';
export { Scheduler } from './classes/schedule/scheduler';
export type { ScheduleArguments } from './classes/schedule/scheduler';
export type { BackoffFunction, EventArguments, EventHooks } from './modules/events/eventPlan';
export type { AfterTask } from './modules/events/afterTask';
export type { EventContext } from './modules/events/eventContext';
export { logEvents } from './modules/observe/logEvents';
export type { ConsoleLogger, LevelLogger, LogTarget, RecordLogger } from './modules/observe/logTarget';
export type { LogRecord } from './modules/observe/logRecord';
export type { InputOf, OutputOf, PayloadSchema } from './modules/events/payloadSchema';
export { redactFormat } from './modules/observe/redactFormat';
export type { ScheduleView } from './modules/schedule/scheduleView';
export type { BatchAnswers, BatchHandler, Handler, HandlerMiddleware, WorkerArguments } from './modules/worker/handlerTypes';
export { currentTask } from './classes/worker/currentTask';
export type { AddFollowUp, BatchContext, TaskContext, TaskLog } from './modules/worker/taskContext';
export type { ReceivedSignal, StepContext, StepResult, Steps, WaitOptions } from './modules/worker/stepContext';
export { isSuspension } from './modules/worker/suspension';
export type { Emitter } from './classes/observe/emitter';
export type { Listener, Unsubscribe } from './modules/observe/eventSource';
export { PermanentError, RetryAfter, Snooze } from './modules/task/handlerErrors';
export { HoldfastError, isHoldfastError } from './modules/errors/holdfastError';
export type { Jsonified } from './modules/task/json';
export type { CallersConnection, MongoConnection, MongooseConnection, MongoSession, SqliteConnection } from './modules/store/callersConnection';
export type { StoreArguments } from './modules/store/storeSource';
export type { BoundedCounts, StateCounts } from './modules/task/counts';
export type { AttemptRecord, LogLine } from './modules/task/history';
export type { PendingFollowUp } from './modules/task/followUps';
export type { TaskView } from './modules/task/taskView';
export type {
  Backoff,
  BatchOptions,
  EventRetention,
  HubOptions,
  ListOptions,
  Misfire,
  Overlap,
  CountOptions,
  PurgeOptions,
  RedriveOptions,
  RepeatOptions,
  ResultOptions,
  BatchStart,
  SearchOptions,
  MatchingOptions,
  Retention,
  ScheduleOptions,
  FailuresOptions,
  StatisticsOptions,
  StoreOptions,
  TaskOptions,
  WorkerOptions,
} from './config/optionTypes';
export { ERROR_CATALOGUE } from './constants/errors';
export type { ErrorCode } from './constants/errors';
export { EVENT_TABLE } from './constants/events';
export type { ErrorCause, EventName, HoldfastEvents, SleepsOn, TaskError, TaskRef } from './constants/events';
export type { TaskState } from './constants/states';
