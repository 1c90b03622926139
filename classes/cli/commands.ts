import type { Command } from 'commander';
import type * as backup from './backupCommand';
import type * as copy from './copyCommand';
import type * as db from './dbCommand';
import type * as doctor from './doctorCommand';
import type * as failures from './failuresCommand';
import type { OnEnd } from './leaf';
import type * as processes from './processCommand';
import type * as queue from './queueCommand';
import type * as queues from './queuesCommand';
import type * as seed from './seedCommand';
import type * as server from './serverCommand';
import type * as stats from './statsCommand';
import type * as task from './taskCommand';
import type * as token from './tokenCommand';
import type * as top from './topCommand';
import type * as worker from './workerCommand';
import type * as schedule from './scheduleCommand';

/** A command whose code is loaded when it is called, or when its help is shown: together they take a fifth of a second. */
interface LateCommand {
  readonly name: string;
  readonly says: string;
  readonly heading: string;
  readonly fill: (command: Command, onEnd: OnEnd) => void;
}

const LOOK = 'Look and act:';
const RUN = 'Run:';
const KEEP = 'Keep a store:';

const LATE: readonly LateCommand[] = [
  {
    name: 'task',
    says: 'Adds, shows and changes tasks.',
    heading: LOOK,
    fill: (...given) => (require('./taskCommand') as typeof task).fillTaskCommand(...given),
  },
  {
    name: 'queue',
    says: 'Shows queues, pauses them, and changes all that is in one.',
    heading: LOOK,
    fill: (...given) => (require('./queueCommand') as typeof queue).fillQueueCommand(...given),
  },
  {
    name: 'failures',
    says: 'Lists the failures by cause.',
    heading: LOOK,
    fill: (...given) => (require('./failuresCommand') as typeof failures).fillFailuresCommand(...given),
  },
  {
    name: 'process',
    says: 'Shows the processes that have a worker, and drains one.',
    heading: LOOK,
    fill: (...given) => (require('./processCommand') as typeof processes).fillProcessCommand(...given),
  },
  {
    name: 'stats',
    says: 'Prints the queues by state.',
    heading: LOOK,
    fill: (command) => (require('./statsCommand') as typeof stats).fillStatsCommand(command),
  },
  {
    name: 'queues',
    says: 'Prints the queues of the broker, or the messages of one.',
    heading: LOOK,
    fill: (command) => (require('./queuesCommand') as typeof queues).fillQueuesCommand(command),
  },
  {
    name: 'top',
    says: 'Shows queues, processes and failures live in the terminal.',
    heading: LOOK,
    fill: (...given) => (require('./topCommand') as typeof top).fillTopCommand(...given),
  },
  {
    name: 'worker',
    says: 'Runs the handlers and events of a module, or drains a worker.',
    heading: RUN,
    fill: (...given) => (require('./workerCommand') as typeof worker).fillWorkerCommand(...given),
  },
  {
    name: 'schedule',
    says: 'Shows, adds, pauses and runs schedules.',
    heading: LOOK,
    fill: (...given) => (require('./scheduleCommand') as typeof schedule).fillScheduleCommand(...given),
  },
  {
    name: 'server',
    says: 'Runs the broker: a message queue over HTTP.',
    heading: RUN,
    fill: (command) => (require('./serverCommand') as typeof server).fillServerCommand(command),
  },
  {
    name: 'token',
    says: 'Makes a token of the broker, and prints it with what the server keeps of it.',
    heading: RUN,
    fill: (command) => (require('./tokenCommand') as typeof token).fillTokenCommand(command),
  },
  { name: 'seed', says: 'Adds demo tasks.', heading: RUN, fill: (command) => (require('./seedCommand') as typeof seed).fillSeedCommand(command) },
  {
    name: 'doctor',
    says: 'Measures a deployment, and says what is wrong with it.',
    heading: KEEP,
    fill: (...given) => (require('./doctorCommand') as typeof doctor).fillDoctorCommand(...given),
  },
  {
    name: 'db',
    says: 'Checks and migrates the schema of a store, and deletes what is over.',
    heading: KEEP,
    fill: (...given) => (require('./dbCommand') as typeof db).fillDbCommand(...given),
  },
  {
    name: 'copy',
    says: 'Moves live tasks from one store to another: the first one has them no more.',
    heading: KEEP,
    fill: (...given) => (require('./copyCommand') as typeof copy).fillCopyCommand(...given),
  },
  {
    name: 'backup',
    says: 'Writes a backup of a SQLite file while it is in use.',
    heading: KEEP,
    fill: (command) => (require('./backupCommand') as typeof backup).fillBackupCommand(command),
  },
];

/** Adds the commands. Those that the arguments do not name have no more than a name and a line of help. */
export function addCommands(program: Command, argv: readonly string[] | 'all', onEnd: OnEnd): void {
  for (const { name, says, heading, fill } of LATE) {
    const command = program.command(name).description(says).helpGroup(heading).exitOverride().showHelpAfterError('(--help shows every flag)');
    if (argv === 'all' || argv.includes(name)) fill(command, onEnd);
  }
}
