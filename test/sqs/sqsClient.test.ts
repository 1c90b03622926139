import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { errorName, SqsServers } from './sqsServers';

forEachStore('the AWS SDK for JavaScript on the SQS endpoint', (opening) => {
  let servers: SqsServers;
  let client: SQSClient;
  let QueueUrl: string;
  beforeEach(async () => {
    servers = new SqsServers(opening);
    ({ client } = await servers.start());
    QueueUrl = await create('orders', { VisibilityTimeout: '60' });
  });
  afterEach(() => servers.close());

  const create = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const send = (MessageBody: string, rest = {}) => client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...rest }));
  const receive = async (rest = {}): Promise<Message[]> =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...rest }))).Messages ?? [];
  const attributes = async (...AttributeNames: ('All' | 'ApproximateNumberOfMessages' | 'RedrivePolicy' | 'QueueArn')[]) =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};

  it('makes, finds, lists, changes and deletes queues', async () => {
    expect(new URL(QueueUrl).pathname).to.equal('/000000000000/orders');
    expect(await create('orders', { VisibilityTimeout: '60' })).to.equal(QueueUrl);
    expect(await errorName(create('orders', { VisibilityTimeout: '61' }))).to.equal('QueueNameExists');
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).QueueUrl).to.equal(QueueUrl);
    const other = await create('others');
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls).to.deep.equal([QueueUrl, other]);
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 'oth' }))).QueueUrls).to.deep.equal([other]);
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '5' } }));
    expect(await attributes('All')).to.include({
      DelaySeconds: '5',
      VisibilityTimeout: '60',
      QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:orders',
    });
    await client.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await errorName(send('late'))).to.equal('QueueDoesNotExist');
  });

  it('carries messages with attributes of all types, which the SDK checks by their digests', async () => {
    const MessageAttributes = {
      text: { DataType: 'String', StringValue: 'ü€😀' },
      count: { DataType: 'Number.java.lang.Long', StringValue: '-1.5e3' },
      picture: { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 255, 128]) },
    };
    const { MessageId } = await send('line\n<b>ü€😀', { MessageAttributes });
    const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(message).to.include({ MessageId, Body: 'line\n<b>ü€😀' });
    expect(message?.MessageAttributes).to.deep.equal(MessageAttributes);
    expect(message?.Attributes).to.include({ ApproximateReceiveCount: '1' });
  });

  it('answers batches entry by entry', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'a' },
      { Id: 'b', MessageBody: 'b', DelaySeconds: 901 },
      { Id: 'c', MessageBody: 'c' },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).to.deep.equal(['a', 'c']);
    expect(sent.Failed).to.have.length(1);
    const [first, second] = await receive();
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: '2', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 100 },
        ],
      }),
    );
    expect(changed.Successful).to.have.length(2);
    const [again] = await receive({ WaitTimeSeconds: 20 });
    expect(again?.MessageId).to.equal(first?.MessageId);
    const removed = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', ReceiptHandle: again?.ReceiptHandle },
          { Id: '2', ReceiptHandle: second?.ReceiptHandle },
          { Id: '3', ReceiptHandle: 'garbage' },
        ],
      }),
    );
    expect(removed.Failed?.map(({ Id, Code }) => [Id, Code])).to.deep.equal([['3', 'ReceiptHandleIsInvalid']]);
    expect(await attributes('ApproximateNumberOfMessages')).to.deep.equal({ ApproximateNumberOfMessages: '0' });
  });

  it('changes nothing for a handle of an earlier receive, and refuses garbage', async () => {
    await send('a');
    const [first] = await receive({ MessageSystemAttributeNames: ['All'] });
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }));
    const [second] = await receive({ WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] });
    expect(second?.Attributes).to.deep.equal({ ...first?.Attributes, ApproximateReceiveCount: '2' });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 90 }));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(await errorName(client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'garbage' })))).to.equal('ReceiptHandleIsInvalid');
    const elsewhere = await create('elsewhere');
    expect(await errorName(client.send(new DeleteMessageCommand({ QueueUrl: elsewhere, ReceiptHandle: second?.ReceiptHandle })))).to.equal(
      'ReceiptHandleIsInvalid',
    );
  });

  it('hides a message again whose visibility timeout is over, as long as nobody else has received it', async () => {
    await send('a');
    const [message] = await receive({ VisibilityTimeout: 1 });
    await eventually('the timeout is over', async () => (await attributes('ApproximateNumberOfMessages')).ApproximateNumberOfMessages === '1');
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 60 }));
    expect(await receive()).to.deep.equal([]);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    expect(await attributes('All')).to.include({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesDelayed: '0' });
  });

  it('gives a receive that waits what is due before its end, also what was delayed before it came', async () => {
    await send('a', { DelaySeconds: 1 });
    expect(await receive()).to.deep.equal([]);
    expect(await receive({ WaitTimeSeconds: 2 })).to.have.length(1);
  });

  it('keeps the trace of a request for a message that names none itself', async () => {
    const [ofRequest, ofMessage] = ['Root=1-3152b799-8954dae64eda91bc9a23a7e8', 'Root=1-5759e988-bd862e3fe1be46a994272793'];
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = ofRequest;
        return next(args);
      },
      { step: 'build' },
    );
    const told = await send('a');
    expect(told).not.to.have.property('MD5OfMessageSystemAttributes');
    await send('b', { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: ofMessage } } });
    const traces = (await receive({ MessageSystemAttributeNames: ['AWSTraceHeader'] })).map(({ Attributes }) => Attributes?.AWSTraceHeader);
    expect(traces).to.have.members([ofRequest, ofMessage]);
  });

  it('takes names of attributes with Latin letters, and `*` for all of them', async () => {
    const MessageAttributes = { 'größe.ñ': { DataType: 'String', StringValue: 'x' }, other: { DataType: 'String', StringValue: 'y' } };
    await send('a', { MessageAttributes });
    const [message] = await receive({ MessageAttributeNames: ['*'] });
    expect(message?.MessageAttributes).to.deep.equal(MessageAttributes);
  });

  it('keeps no reuse period of keys that is the default', async () => {
    const configure = (KmsDataKeyReusePeriodSeconds: string) =>
      client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsDataKeyReusePeriodSeconds } }));
    await configure('6000');
    expect(await attributes('All')).to.include({ KmsDataKeyReusePeriodSeconds: '6000' });
    await configure('300');
    expect(await attributes('All')).not.to.have.property('KmsDataKeyReusePeriodSeconds');
    expect(await create('orders', { KmsDataKeyReusePeriodSeconds: '300' })).to.equal(QueueUrl);
  });

  it('moves a message to the dead-letter queue of the policy, and without a policy hands it out without end', async () => {
    const dead = await create('dead');
    await client.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead', maxReceiveCount: 2 }) },
      }),
    );
    await send('poison');
    const giveBack = (url: string, message: Message | undefined) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    for (let round = 0; round < 2; round += 1) await giveBack(QueueUrl, (await receive({ WaitTimeSeconds: 20 }))[0]);
    expect(await receive()).to.deep.equal([]);
    for (let round = 0; round < 7; round += 1) {
      const [message] = await receive({ QueueUrl: dead, WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] });
      expect(message?.Attributes).to.include({ DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-central-1:000000000000:orders' });
      await giveBack(dead, message);
    }
  });

  for (const suffix of ['', '.fifo'])
    it(`moves a dead letter on from a dead-letter queue with a policy of its own${suffix === '' ? '' : ', also in FIFO queues'}`, async () => {
      const fifo = suffix === '' ? {} : { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
      const policy = (target: string) => ({
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:eu-central-1:000000000000:${target}${suffix}`, maxReceiveCount: 1 }),
      });
      const last = await create(`third${suffix}`, fifo);
      const middle = await create(`second${suffix}`, { ...fifo, ...policy('third') });
      const first = await create(`first${suffix}`, { ...fifo, ...policy('second') });
      const sent = await send('poison', { QueueUrl: first, ...(suffix === '' ? {} : { MessageGroupId: 'g' }) });
      for (const url of [first, middle, last]) {
        const [message] = await receive({ QueueUrl: url, VisibilityTimeout: 0, WaitTimeSeconds: 20 });
        expect(message?.MessageId).to.equal(sent.MessageId);
        expect(await receive({ QueueUrl: url, VisibilityTimeout: 0 })).to.have.length(url === last ? 1 : 0);
      }
    });

  it('lets a dead-letter queue say which queues may use it', async () => {
    const arn = (name: string): string => `arn:aws:sqs:eu-central-1:000000000000:${name}`;
    const configure = (url: string, Attributes: Record<string, string>) => client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    const allow = (policy: object) => ({ RedriveAllowPolicy: JSON.stringify(policy) });
    const dead = await create('dead', allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('other')] }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 });
    expect(await errorName(configure(QueueUrl, { RedrivePolicy }))).to.equal('InvalidParameterValue');
    expect(await errorName(create('more', { RedrivePolicy }))).to.equal('InvalidParameterValue');
    await create('other', { RedrivePolicy });
    await configure(dead, allow({ redrivePermission: 'denyAll' }));
    expect(await errorName(configure(QueueUrl, { RedrivePolicy }))).to.equal('InvalidParameterValue');
    for (const policy of [
      {},
      { redrivePermission: 'some' },
      { redrivePermission: 'byQueue' },
      { redrivePermission: 'byQueue', sourceQueueArns: ['x'] },
    ])
      expect(await errorName(configure(dead, allow(policy)))).to.equal('InvalidAttributeValue');
    await configure(dead, { RedriveAllowPolicy: '' });
    await configure(QueueUrl, { RedrivePolicy });
  });

  it('removes all messages by a purge', async () => {
    await send('a');
    await send('b');
    await receive({ MaxNumberOfMessages: 1 });
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributes('All')).to.include({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });
});
