import { QUEUE, requirePeer } from './common';
import type { Client, Payload, StepContext, System, WorkerAsk, Working } from './system';

/** The used part of DBOS's API. */
interface Dbos {
  setConfig(config: object): void;
  registerWorkflow(run: (payload: Payload) => Promise<unknown>, options: { readonly name: string }): unknown;
  launch(): Promise<void>;
  shutdown(options: object): Promise<void>;
  enqueueWorkflowWithOptions(options: object, payload: Payload): Promise<unknown>;
  registerQueue(name: string, options: object): Promise<unknown>;
  runStep(run: () => Promise<object>, options: { readonly name: string }): Promise<object>;
}

/** More connections, or a shorter interval, have made it no faster. */
const CONNECTIONS = 20;
const POLL_MS = 50;
const LAST_OUTCOMES_MS = 10_000;

const WORKFLOW = 'measure';

/** Nothing runs before `work`, because a queue that is not registered is not served. */
async function open(url: string): Promise<Client> {
  const { DBOS: dbos } = requirePeer<{ readonly DBOS: Dbos }>('@dbos-inc/dbos-sdk');
  let asked: WorkerAsk | undefined;
  const context: StepContext = { step: (name, run) => dbos.runStep(() => Promise.resolve(run()), { name }) };
  const run = async (payload: Payload): Promise<unknown> => {
    const result = await asked?.handler(payload, context);
    asked?.onSettled(1);
    return result;
  };
  dbos.registerWorkflow(run, { name: WORKFLOW });
  dbos.setConfig({ name: QUEUE, systemDatabaseUrl: url, systemDatabasePoolSize: CONNECTIONS, logLevel: 'error' });
  await dbos.launch();
  const work = async (ask: WorkerAsk): Promise<Working> => {
    asked = ask;
    await dbos.registerQueue(QUEUE, { workerConcurrency: ask.maxConcurrency, minPollingIntervalMs: POLL_MS });
    return { stop: () => dbos.shutdown({ workflowCompletionTimeoutMS: LAST_OUTCOMES_MS }) };
  };
  return {
    add: ({ payload }) => dbos.enqueueWorkflowWithOptions({ workflowName: WORKFLOW, queueName: QUEUE }, payload),
    work,
    close: () => dbos.shutdown({}),
  };
}

export const dbos: System = {
  name: 'dbos',
  server: 'postgres',
  isPeer: true,
  mostTasks: 5_000,
  settings: `${CONNECTIONS} connections, queue polled every ${POLL_MS} ms; a workflow counts when its function returns, shortly before its outcome is recorded`,
  works: ['steps-0', 'steps-1', 'steps-5', 'steps-20'],
  open,
};
