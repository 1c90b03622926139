import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { Consumer } from 'sqs-consumer';
import { Producer } from 'sqs-producer';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { SqsServers } from './sqsServers';

forEachStore('Libraries on SQS', (opening) => {
  let servers: SqsServers;
  let sqs: SQSClient;
  let queueUrl: string;
  beforeEach(async () => {
    servers = new SqsServers(opening);
    ({ client: sqs } = await servers.start());
    queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: { VisibilityTimeout: '30' } }))).QueueUrl ?? '';
  });
  afterEach(() => servers.close());

  it('sqs-producer sends, and sqs-consumer handles each message, also one whose handler has failed once', async () => {
    const producer = Producer.create({ sqs, queueUrl, region: 'eu-central-1' });
    await producer.send(Array.from({ length: 25 }, (_, at) => ({ id: `m${at}`, body: `body ${at}` })));
    expect(await producer.queueSize()).to.equal(25);
    const handled = new Set<string>();
    let failures = 0;
    const consumer = Consumer.create({
      ...{ sqs, queueUrl, batchSize: 10, waitTimeSeconds: 1, terminateVisibilityTimeout: true, visibilityTimeout: 30, heartbeatInterval: 10 },
      handleMessage: async (message) => {
        const { Body = '' } = message;
        await Promise.resolve();
        if (Body === 'body 7' && failures++ === 0) throw new Error('once');
        handled.add(Body);
        return message;
      },
    });
    consumer.on('error', () => undefined);
    consumer.on('processing_error', () => undefined);
    consumer.start();
    await eventually('all messages are handled', () => handled.size === 25);
    await eventually('the queue is empty', async () => {
      const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }));
      return names.every((name) => Attributes?.[name] === '0');
    });
    consumer.stop({ abort: true });
    expect(failures).to.equal(2);
  });
});
