import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { forEachStore } from '../support/stores';
import { errorName, SqsServers } from './sqsServers';

forEachStore('FIFO queues of SQS', (opening) => {
  let servers: SqsServers;
  let client: SQSClient;
  let QueueUrl: string;
  beforeEach(async () => {
    servers = new SqsServers(opening);
    ({ client } = await servers.start());
    const made = await client.send(new CreateQueueCommand({ QueueName: 'orders.fifo', Attributes: { FifoQueue: 'true' } }));
    QueueUrl = made.QueueUrl ?? '';
  });
  afterEach(() => servers.close());

  const receive = async (rest = {}): Promise<Message[]> =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], ...rest }))).Messages ??
    [];

  it('hand out a group in order, to one consumer at a time, and a repeated send once', async () => {
    const entry = (at: number) => ({ Id: `e${at}`, MessageBody: `${at}`, MessageGroupId: `g${at % 2}`, MessageDeduplicationId: `d${at}` });
    const Entries = Array.from({ length: 6 }, (_, at) => entry(at));
    const first = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const again = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(again.Successful?.map(({ MessageId }) => MessageId)).to.deep.equal(first.Successful?.map(({ MessageId }) => MessageId));
    const [one] = await receive({ MaxNumberOfMessages: 1 });
    expect(one?.Attributes).to.include({ MessageGroupId: 'g0', MessageDeduplicationId: 'd0' });
    expect(one?.Attributes?.['SequenceNumber']).to.equal(first.Successful?.[0]?.SequenceNumber);
    expect((await receive()).map(({ Body }) => Body)).to.deep.equal(['1', '3', '5']);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: one?.ReceiptHandle }));
    expect((await receive({ WaitTimeSeconds: 5 })).map(({ Body }) => Body)).to.deep.equal(['2', '4']);
  });

  it('take deduplication ids in each group by itself, where the attribute says so', async () => {
    const Attributes = { FifoQueue: 'true', DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    const { QueueUrl: scoped } = await client.send(new CreateQueueCommand({ QueueName: 'scoped.fifo', Attributes }));
    const told = await client.send(new GetQueueAttributesCommand({ QueueUrl: scoped, AttributeNames: ['All'] }));
    expect(told.Attributes).to.include({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
    const send = async (MessageGroupId: string) =>
      (await client.send(new SendMessageCommand({ QueueUrl: scoped, MessageBody: 'a', MessageGroupId, MessageDeduplicationId: 'one' }))).MessageId;
    const first = await send('g0');
    expect(await send('g0')).to.equal(first);
    expect(await send('g1')).not.to.equal(first);
  });

  it('move what was received too often to their dead-letter queue, also where it was never invisible', async () => {
    const Attributes = { FifoQueue: 'True', ContentBasedDeduplication: 'True' };
    const made = await client.send(new CreateQueueCommand({ QueueName: 'dead.fifo', Attributes }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead.fifo', maxReceiveCount: 2 });
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy, ContentBasedDeduplication: 'true' } }));
    const send = async (MessageBody: string) => (await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'g' }))).MessageId;
    const poison = await send('poison');
    const next = await send('next');
    for (let round = 0; round < 2; round += 1) {
      const [message] = await receive({ VisibilityTimeout: 0, MaxNumberOfMessages: 1, WaitTimeSeconds: 20 });
      expect(message?.MessageId).to.equal(poison);
    }
    expect((await receive({ VisibilityTimeout: 0, WaitTimeSeconds: 20 })).map(({ MessageId }) => MessageId)).to.deep.equal([next]);
    const [dead] = await receive({ QueueUrl: made.QueueUrl, WaitTimeSeconds: 20 });
    expect(dead?.MessageId).to.equal(poison);
    expect(dead?.Attributes).to.include({ MessageGroupId: 'g', MessageDeduplicationId: poison });
  });

  it('refuse messages without a group or an id, and names that are not of their kind', async () => {
    const send = (rest = {}) => errorName(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', ...rest })));
    expect(await send({ MessageDeduplicationId: 'a' })).to.equal('MissingParameter');
    expect(await send({ MessageGroupId: 'a' })).to.equal('InvalidParameterValue');
    expect(await send({ MessageGroupId: 'a', MessageDeduplicationId: 'a', DelaySeconds: 1 })).to.equal('InvalidParameterValue');
    const create = (QueueName: string, Attributes = {}) => errorName(client.send(new CreateQueueCommand({ QueueName, Attributes })));
    expect(await create('plain', { FifoQueue: 'true' })).to.equal('InvalidParameterValue');
    expect(await create('plain.fifo')).to.equal('InvalidParameterValue');
    expect(await create('_hidden')).to.equal('InvalidParameterValue');
    expect(await create('plain', { ContentBasedDeduplication: 'true' })).to.equal('InvalidAttributeName');
  });
});
