import { IN_FLIGHT, QUEUES, ratesOf } from './brokerRates';
import type { Reading, Stage, Work } from './work';

/** Measures several broker processes on one store, each with its part of the connections. */
async function measure(stage: Stage, name: string, processes: number): Promise<readonly Reading[]> {
  const { messages } = stage.client;
  if (!messages) throw new Error('the system is not measured over HTTP');
  const servers = await Promise.all(Array.from({ length: processes }, () => messages.start(QUEUES)));
  const readings = await ratesOf(stage, servers, name);
  await Promise.all(servers.map((server) => server.stop()));
  return readings;
}

export const BROKER_PROCESSES: readonly Work[] = [1, 2, 4].map((processes) => {
  const name = `broker-processes-${processes}`;
  return {
    name,
    meaning: `as broker-rates, the connections spread over ${processes === 1 ? 'one broker process' : `${processes} broker processes`} on one store`,
    maxConcurrency: IN_FLIGHT,
    runs: 3,
    systems: ['http-mongodb'],
    measure: (stage: Stage) => measure(stage, name, processes),
  };
});
