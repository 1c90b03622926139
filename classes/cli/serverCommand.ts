import type { Command } from 'commander';
import { serverCliOptions } from '../../config/serverOptions';
import type { ServerCliOptions, ServerCredential, ServerToken } from '../../config/serverOptions';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { logEvents } from '../../modules/observe/logEvents';
import { theLogger } from '../../modules/observe/logger';
import { credentialsIn, readCredentials, readQueues, readTokens, tokensIn } from '../../modules/server/declarations';
import { systemClock } from '../../modules/time/clock';
import { StopSignals } from '../async/stopSignals';
import type * as server from '../server/brokerServer';
import type { Store } from '../store/store';
import { EXIT_CODES } from '../../constants/exitCodes';
import { addExamples } from './examples';
import { addUrlFlags, namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';
import { withStore } from './withStore';

const SERVER_FLAGS = [
  'host',
  'port',
  'allowedHosts',
  'tokensFile',
  'credentialsFile',
  'publicUrl',
  'account',
  'queuesFile',
  'createQueues',
  'allowWrites',
  'insecureNoAuth',
] as const;

/** Fills the command `server`. */
export function fillServerCommand(command: Command): void {
  addExamples(command, 'holdfast server --create-queues', 'holdfast server --host 0.0.0.0 --tokens-file tokens.json');
  addFlags(addUrlFlags(command), serverCliOptions, SERVER_FLAGS).action(() =>
    namingUrl(command.opts<Flags>(), (flags) => {
      const options = resolveFlags(serverCliOptions, SERVER_FLAGS, flags, 'server');
      return withStore(flags, (store) => serve(store, options));
    }),
  );
}

/** Serves until a signal comes. A second signal ends the process at once. */
async function serve(store: Store, { tokensFile, credentialsFile, queuesFile, ...options }: Readonly<ServerCliOptions>): Promise<void> {
  let onStop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (onStop = resolve));
  const signals = new StopSignals(systemClock, { onStop, onHaste: () => process.exit(EXIT_CODES.failed) });
  signals.listen();
  logEvents(store.events);
  const tokens = tokensOf(tokensFile);
  const credentials = credentialsOf(credentialsFile);
  // The server takes a tenth of a second to load, and no other command needs it.
  const { startServer } = require('../server/brokerServer') as typeof server;
  try {
    const broker = await startServer({
      store,
      ...options,
      ...(tokens ? { tokens } : {}),
      ...(credentials ? { credentials } : {}),
      ...(queuesFile ? { queues: [...readQueues(queuesFile)] } : {}),
    });
    theLogger().info(`The broker listens on ${broker.url} on ${store.url}`);
    await stopped;
    theLogger().info('The broker stops: it takes no more requests, and answers those that it has');
    await broker.close();
    theLogger().info('The broker has stopped');
  } finally {
    signals.end();
  }
}

function tokensOf(file: string | undefined): readonly ServerToken[] | undefined {
  const text = process.env['HOLDFAST_TOKENS'];
  const given = [...(file === undefined ? [] : readTokens(file)), ...(text ? tokensIn(text, 'HOLDFAST_TOKENS') : [])];
  return given.length > 0 ? given : undefined;
}

function credentialsOf(file: string | undefined): readonly ServerCredential[] | undefined {
  const text = process.env['HOLDFAST_CREDENTIALS'];
  const given = [...(file === undefined ? [] : readCredentials(file)), ...(text ? credentialsIn(text, 'HOLDFAST_CREDENTIALS') : [])];
  return given.length > 0 ? given : undefined;
}
