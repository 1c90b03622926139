import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, makeFolder, removeFolder, run, startProgram } from './program';
import type { Server } from './server';

/** Maven copies the server into this folder when it is first measured. */
const JARS = join(__dirname, '../../elasticmq');
const POM = join(__dirname, '../../../bench/peers/elasticmq/pom.xml');
const VERSION = '1.7.1';
const INSTALL_MS = 300_000;

/** The server has no defaults of its own. The port is given by properties of the program, because it is chosen later. */
const CONFIG = `
node-address { protocol = http, host = localhost, context-path = "" }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false, bind-hostname = "127.0.0.1", bind-port = 0 }
generate-node-address = false
queues-storage { enabled = false, path = "" }
messages-storage { enabled = false, driver-class = "org.h2.Driver", uri = "jdbc:h2:mem:m", username = "", password = "", prune-data-on-init = true }
aws { region = us-west-2, accountId = 000000000000 }
queues { }
`;

const givenTo = (config: string, port: number): string[] => [
  ...[`-Dconfig.file=${config}`, `-Drest-sqs.bind-port=${port}`, `-Dnode-address.port=${port}`],
  ...['-cp', `${JARS}/*`, 'org.elasticmq.server.Main'],
];

/** Starts ElasticMQ, which speaks the protocol of SQS and keeps everything in memory. */
export async function startElasticmq(): Promise<Server> {
  const java = await findProgram('java');
  await install();
  const folder = await makeFolder();
  const config = join(folder, 'elasticmq.conf');
  await writeFile(config, CONFIG);
  const { port, stop } = await startProgram(java, (free) => givenTo(config, free), folder).catch(async (error: unknown) => {
    await removeFolder(folder);
    throw error;
  });
  return {
    version: `ElasticMQ ${VERSION} (all in memory)`,
    freshUrl: () => Promise.resolve(`elasticmq://127.0.0.1:${port}`),
    drop: () => Promise.resolve(),
    stop,
  };
}

async function install(): Promise<void> {
  const isThere = await access(join(JARS, `elasticmq-server_3-${VERSION}.jar`)).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const given = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${JARS}`];
  await run(await findProgram('mvn'), given, { timeout: INSTALL_MS });
}
