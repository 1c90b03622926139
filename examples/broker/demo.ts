import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { Command } from 'commander';
import { judge } from './checker';
import type { Verdict } from './checker';
import { Crew } from './crew';
import { QUEUE } from './client';
import { readJournals } from './journal';

interface Options {
  readonly url?: string;
  readonly seconds: string;
  readonly rate: string;
  readonly consumers: string;
  readonly killBroker: boolean;
  readonly broken: boolean;
}

/** Time between two kills of a consumer, and of the broker. */
const CONSUMER_LIVES_MS = 1_500;
const BROKER_LIVES_MS = 4_000;

/** How long the queue may take to empty after the last send, in seconds: several visibility timeouts. */
const DRAIN_SECONDS = 90;

async function demonstrate({ url, seconds, rate, consumers, killBroker, broken }: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-broker-'));
  const store = url ?? `sqlite:${join(folder, 'broker.db')}`;
  const crew = new Crew(folder, store, broken);
  await crew.startBroker();
  process.stdout.write(`The broker runs at ${crew.url} on ${url ?? 'a SQLite file'}; open it in a browser to look at its state.\n`);
  process.stdout.write(`Producers send ${rate} messages a second for ${seconds} s; of ${consumers} consumers some are killed, slow or forgetful.\n`);
  const kills = killBroker ? setInterval(() => void crew.killBroker(), BROKER_LIVES_MS) : undefined;
  const deaths = setInterval(() => crew.killConsumer(), CONSUMER_LIVES_MS);
  crew.startConsumers(Number(consumers));
  crew.startProducers(Number(rate));
  for (let second = 0; second < Number(seconds); second += 1) {
    await sleep(1_000);
    await tell(crew, folder);
  }
  clearInterval(deaths);
  clearInterval(kills);
  await crew.stopProducers();
  for (let second = 0; second < DRAIN_SECONDS && !(await isEmpty(crew)); second += 1) {
    await sleep(1_000);
    await tell(crew, folder);
  }
  await crew.stopConsumers();
  const dead = await deadIds(crew);
  await crew.stopBroker();
  const verdict = judge(readJournals(folder), dead);
  process.stdout.write(`\n${tableOf(verdict, crew)}\n${conclusion(verdict, folder)}\n`);
  return verdict.lost.length + verdict.undone.length === 0 && verdict.sent > 0 ? 0 : 1;
}

interface Stats {
  readonly waiting: number;
  readonly delayed: number;
  readonly inFlight: number;
  readonly dead: number;
}

/** Returns the counts of the broker; undefined while it is away. */
const statsOf = (crew: Crew): Promise<Stats | undefined> => read<Stats>(`${crew.url}/v1/queues/${QUEUE}/stats`);

async function read<Body>(address: string): Promise<Body | undefined> {
  try {
    const response = await fetch(address);
    return response.ok ? ((await response.json()) as Body) : undefined;
  } catch {
    return undefined;
  }
}

async function isEmpty(crew: Crew): Promise<boolean> {
  const stats = await statsOf(crew);
  return stats !== undefined && stats.waiting + stats.delayed + stats.inFlight === 0;
}

async function tell(crew: Crew, folder: string): Promise<void> {
  const stats = await statsOf(crew);
  const { sent, received, acked } = judge(readJournals(folder), []);
  const state = stats ? `${stats.waiting} wait, ${stats.inFlight} in flight, ${stats.dead} dead` : 'the broker is away';
  const line = `sent ${sent}, received ${received}, acknowledged ${acked}; ${state}; killed: ${crew.consumerKills} consumers, ${crew.brokerKills} brokers`;
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

async function deadIds(crew: Crew): Promise<string[]> {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const page = await read<{ messages: { id: string }[]; next: string | null }>(
      `${crew.url}/v1/queues/${QUEUE}/dead-letters?limit=100${after === '' ? '' : `&after=${after}`}`,
    );
    ids.push(...(page?.messages ?? []).map(({ id }) => id));
    if (!page?.next) return ids;
    after = page.next;
  }
}

function tableOf(verdict: Verdict, crew: Crew): string {
  const table = new Table({ style: { border: [], head: [] }, colAligns: ['left', 'right'] });
  const rows: [string, number][] = [
    ['sent (confirmed by the broker)', verdict.sent],
    ['deliveries', verdict.received],
    ['acknowledged', verdict.acked],
    ['dead letters', verdict.dead],
    ...entriesOf(verdict.again, 'delivered again, because '),
    ...entriesOf(verdict.refused, 'refused, '),
    ['consumers killed', crew.consumerKills],
    ['brokers killed', crew.brokerKills],
    ['ACKNOWLEDGED AND DELIVERED AGAIN', verdict.undone.length],
    ['LOST', verdict.lost.length],
  ];
  table.push(...rows);
  return table.toString();
}

const entriesOf = (counts: Readonly<Record<string, number>>, before: string): [string, number][] =>
  Object.entries(counts).map(([word, count]) => [before + word, count]);

const conclusion = ({ lost, sent }: Verdict, folder: string): string =>
  lost.length === 0
    ? `All ${sent} messages were processed or are dead letters; none was lost. The journals are in ${folder}`
    : `LOST ${lost.length} of ${sent} messages, for example ${lost.slice(0, 3).join(', ')}. The journals are in ${folder}`;

const program = new Command('demo:broker')
  .description('Shows producers and consumers on a broker, some of which are killed, and checks by their journals that no message is lost.')
  .option('--url <url>', 'the store; by default a fresh SQLite file')
  .option('--seconds <n>', 'how long producers send', '15')
  .option('--rate <n>', 'messages a second', '100')
  .option('--consumers <n>', 'number of consumers', '6')
  .option('--kill-broker', 'kill the broker every few seconds as well, and start it again', false)
  .option('--broken', 'run a broker that removes messages, to see that the checker finds it', false);

void demonstrate(program.parse().opts<Options>()).then((code) => process.exit(code));
