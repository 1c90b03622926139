import { randomUUID } from 'node:crypto';
import { HttpConnection } from './httpConnection';
import { httpClient } from './httpServers';
import { BODY, bodyOf, JsonLane } from './messageServer';
import type { Held, Lane, MessageServer } from './messageServer';
import type { System } from './system';

/** Makes queues of its own for a run, in the server that is there. */
async function start(port: number, queues: readonly string[]): Promise<MessageServer> {
  const run = randomUUID();
  const nameOf = (queue: string): string => `${run}-${queue}`;
  const connect = async (queue: string): Promise<Lane> => laneOf(await HttpConnection.open(port), nameOf(queue));
  const ofEach = async (act: (call: Call, queue: string) => Promise<unknown>): Promise<void> => {
    const connection = await HttpConnection.open(port);
    for (const queue of queues) await act(callOf(connection, nameOf(queue)), nameOf(queue));
    connection.close();
  };
  await ofEach((call, QueueName) => call('CreateQueue', { QueueName }));
  return { connect, cpuMs: () => Promise.resolve(NaN), stop: () => ofEach((call) => call('DeleteQueue', {})) };
}

type Call = (action: string, given: object) => Promise<unknown>;

/** Calls the JSON protocol of SQS. */
function callOf(connection: HttpConnection, queue: string): Call {
  const json = new JsonLane(connection);
  const QueueUrl = `http://localhost/000000000000/${queue}`;
  const headersOf = (action: string): string => `content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.${action}`;
  return async (action, given) => {
    const answer = await json.post('/', JSON.stringify({ QueueUrl, ...given }), headersOf(action));
    return answer.body.length === 0 ? {} : bodyOf(answer);
  };
}

function laneOf(connection: HttpConnection, queue: string): Lane {
  const call = callOf(connection, queue);
  const all = async (action: string, given: object): Promise<void> => {
    const { Failed } = (await call(action, given)) as { Failed?: readonly unknown[] };
    if (Failed?.length) throw new Error('an entry was refused');
  };
  return {
    send: async (count) => {
      if (count === 1) return void (await call('SendMessage', { MessageBody: BODY }));
      await all('SendMessageBatch', { Entries: Array.from({ length: count }, (_, index) => ({ Id: String(index), MessageBody: BODY })) });
    },
    receive: async (max, waitSeconds) => {
      const answer = await call('ReceiveMessage', { MaxNumberOfMessages: max, WaitTimeSeconds: waitSeconds, VisibilityTimeout: 300 });
      const { Messages = [] } = answer as { Messages?: readonly { MessageId: string; ReceiptHandle: string }[] };
      return Messages.map(({ MessageId, ReceiptHandle }): Held => ({ id: MessageId, receipt: ReceiptHandle }));
    },
    ack: async (held) => {
      const [first] = held;
      if (held.length === 1) return void (await call('DeleteMessage', { ReceiptHandle: first?.receipt }));
      await all('DeleteMessageBatch', { Entries: held.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt })) });
    },
    close: () => connection.close(),
  };
}

export const elasticmq: System = {
  ...{ name: 'elasticmq', server: 'elasticmq', settings: 'one node, all in memory', works: ['broker-rates'] },
  open: (url) => Promise.resolve(httpClient({ start: (queues) => start(Number(new URL(url).port), queues) })),
};
