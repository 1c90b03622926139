import type { Command } from 'commander';
import { chosenOptions, oneTaskOptions, taskAddOptions } from '../../config/cliOptions';
import { queueNameOption, taskOptions } from '../../config/options';
import type { TaskAction } from '../../modules/admin/taskAction';
import { resolveFlags } from '../../modules/cli/commandLine';
import { readPayload } from '../../modules/cli/readPayload';
import { safeCell } from '../../modules/cli/renderTable';
import { logLine, taskLines } from '../../modules/cli/taskColumns';
import { CHOSEN_FLAGS } from '../../modules/cli/searchOf';
import { readTaskFlags, TASK_FLAGS } from '../../modules/cli/taskFlags';
import { checkOptions } from '../../modules/options/checkOptions';
import { awaitResult } from './awaitResult';
import { addExamples } from './examples';
import { addLeaf } from './leaf';
import type { Call, Leaf, OnEnd } from './leaf';
import { actOn } from './taskActions';
import { TASK_LIST } from './taskList';

const ID = 'Id of the task.';
const IDS = 'Ids of the tasks; without any, flags choose them.';
const EXAMPLE_ID = '019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b';

/** What each action does. */
const ACTIONS: Readonly<Record<TaskAction, string>> = {
  retry: 'Runs tasks again: a dead one from the start, a waiting one now.',
  'run-now': 'Makes waiting tasks due now.',
  cancel: 'Cancels tasks that wait or run.',
  remove: 'Removes tasks that do not run, with their results.',
  redrive: 'Makes dead tasks wait again, without their failures.',
};

/** Adds the group `task`. */
export function fillTaskCommand(group: Command, onEnd: OnEnd): void {
  addExamples(group, 'holdfast task list --state dead', 'holdfast task list --help');
  addLeaf(group, { ...ADD, run: add }, onEnd);
  addLeaf(group, TASK_LIST, onEnd);
  addLeaf(
    group,
    {
      usage: 'get <id>',
      says: 'Shows a task: its state, payload, result, attempts and log.',
      ...oneTask(`holdfast task get ${EXAMPLE_ID}`, `holdfast task get ${EXAMPLE_ID} -o json | jq .task.payload`),
      run: get,
    },
    onEnd,
  );
  addLeaf(
    group,
    { usage: 'logs <id>', says: 'Prints what the handlers of a task have logged.', ...oneTask(`holdfast task logs ${EXAMPLE_ID}`), run: logs },
    onEnd,
  );
  addLeaf(
    group,
    {
      usage: 'explain <id>',
      says: 'Says why a task is where it is, and who runs it.',
      ...oneTask(`holdfast task explain ${EXAMPLE_ID}`),
      run: explain,
    },
    onEnd,
  );
  for (const [action, says] of Object.entries(ACTIONS) as [TaskAction, string][]) {
    addLeaf(group, actionLeaf(action, says), onEnd);
  }
}

function actionLeaf(action: TaskAction, says: string): Leaf {
  const all = `holdfast task ${action} --queue mail --group 0f1e2d3c4b5a6978`;
  return {
    usage: `${action} [ids...]`,
    says,
    examples: [`holdfast task ${action} ${EXAMPLE_ID}`, ...(action === 'run-now' ? [] : [all])],
    words: { ids: IDS },
    flags: [[chosenOptions, action === 'run-now' ? ['queue'] : CHOSEN_FLAGS]],
    run: (call) => actOn(action, call),
  };
}

const oneTask = (...examples: readonly string[]) => ({ examples, words: { id: ID }, flags: [[oneTaskOptions, ['queue']]] as const });

const ADD = {
  usage: 'add <queue> <name> [payload]',
  says: 'Adds a task.',
  examples: [
    `holdfast task add mail welcome '{"to":"a@example.org"}' --delay-ms 5000`,
    'holdfast task add mail welcome @payload.json --unique-key welcome:a',
    `echo '{"n":1}' | holdfast task add sums add - --result-within-ms 30000`,
  ],
  words: {
    queue: 'Queue of the task.',
    name: 'Name of the task, which chooses its handler.',
    payload: 'JSON: as text, as @file, or as - for the standard input; null if left out.',
  },
  flags: [
    [taskOptions, TASK_FLAGS],
    [taskAddOptions, ['resultWithinMs']],
  ] as const,
  makesStore: true,
};

async function add({ words, flags, backend, output }: Call): Promise<number> {
  const [queue, name, payload] = words as [string, string, string | undefined];
  checkOptions(queueNameOption, queue, 'queue');
  const options = readTaskFlags(flags);
  const { resultWithinMs } = resolveFlags(taskAddOptions, ['resultWithinMs'], flags, 'task');
  const value = readPayload(payload);
  const target = await backend();
  const added = await target.add(queue, name, value, options);
  if (resultWithinMs === undefined) {
    output.one({ ...added, queue, name }, () => [`${added.id}${added.added ? '' : ' (a live task had its unique key)'}`]);
    return 0;
  }
  const result = await awaitResult(target, { id: added.id, queue }, resultWithinMs);
  output.one({ ...added, queue, name, result: result ?? null }, () => [safeCell(JSON.stringify(result ?? null))]);
  return 0;
}

async function get({ words, flags, backend, output }: Call): Promise<void> {
  const found = await (await backend()).task(words[0] as string, queueOf(flags));
  output.one(found, (shown, colors) => taskLines(shown, colors, Date.now()));
}

async function explain({ words, flags, backend, output }: Call): Promise<void> {
  const { task, explanation } = await (await backend()).task(words[0] as string, queueOf(flags));
  output.one({ id: task.id, queue: task.queue, name: task.name, state: task.state, ...explanation }, () => [safeCell(explanation?.text)]);
}

async function logs({ words, flags, backend, output }: Call): Promise<void> {
  const { task } = await (await backend()).task(words[0] as string, queueOf(flags));
  if (output.isJson) return output.rows(task.log, []);
  for (const line of task.log) output.text(logLine(line).trim());
  if (task.log.length === 0) output.note('Its handlers have logged nothing with context.log');
}

const queueOf = (flags: Call['flags']): string | undefined => resolveFlags(oneTaskOptions, ['queue'], flags, 'task').queue;
