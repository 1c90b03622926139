import { mongo } from 'mongoose';

/** A command as a store sent it, and the answer once it came. */
export interface SeenCommand {
  readonly database: string;
  readonly name: string;
  readonly command: mongo.Document;
  reply: mongo.Document | undefined;
}

/** The name by which the client of a test is told from those of stores. */
export const BY_HAND = 'by hand';

type Listener = (seen: SeenCommand) => void;

const listeners = new Set<Listener>();
const underWay = new Map<number, SeenCommand>();
const watched = new WeakSet<mongo.MongoClient>();

/** Calls back with every command of the stores that are opened from now on. Returns what ends it. */
export function watchCommands(onCommand: Listener): () => void {
  watchClients();
  listeners.add(onCommand);
  return () => listeners.delete(onCommand);
}

/** Returns what stores send to a database while something runs. */
export async function commandsDuring(database: string, run: () => Promise<unknown>): Promise<SeenCommand[]> {
  const seen: SeenCommand[] = [];
  const end = watchCommands((command) => {
    if (command.database === database) seen.push(command);
  });
  await run();
  end();
  return seen;
}

/** Returns the size of a command or of its answer, in bytes. */
export const bytesOf = (document: mongo.Document | undefined): number => (document ? mongo.BSON.calculateObjectSize(document) : 0);

/** Watches each client from its connection on. A store makes its own, which no test gets hold of. */
function watchClients(): void {
  const { prototype } = mongo.MongoClient;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { connect } = prototype;
  if (connect.name === watchedConnect.name) return;
  function watchedConnect(this: mongo.MongoClient): Promise<mongo.MongoClient> {
    if (this.options.appName !== BY_HAND && !watched.has(this)) watch(this);
    return connect.call(this);
  }
  prototype.connect = watchedConnect;
}

function watch(client: mongo.MongoClient): void {
  watched.add(client);
  // The driver takes this as an option only, but looks at it with each new connection.
  Object.assign(client, { monitorCommands: true });
  client.on('commandStarted', ({ requestId, databaseName, commandName, command }) => {
    if (listeners.size === 0) return;
    const seen: SeenCommand = { database: databaseName, name: commandName, command, reply: undefined };
    underWay.set(requestId, seen);
    for (const tell of listeners) tell(seen);
  });
  client.on('commandSucceeded', ({ requestId, reply }) => {
    const seen = underWay.get(requestId);
    if (seen) seen.reply = reply as mongo.Document;
    underWay.delete(requestId);
  });
  client.on('commandFailed', ({ requestId }) => underWay.delete(requestId));
}
