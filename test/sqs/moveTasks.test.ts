import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import type { Store } from '../../classes/store/store';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { errorName, SqsServers } from './sqsServers';

const arn = (queue: string): string => `arn:aws:sqs:eu-central-1:000000000000:${queue}`;

/** Waits until expectations hold. */
const holds = (look: () => Promise<unknown>): Promise<unknown> =>
  eventually('the expectations hold', () =>
    look().then(
      () => true,
      () => false,
    ),
  );

forEachStore('Move tasks of SQS', (opening) => {
  let servers: SqsServers;
  let store: Store;
  let client: SQSClient;
  let broker: Broker;
  beforeEach(async () => {
    servers = new SqsServers(opening);
    ({ client, store } = await servers.start());
    broker = new Broker(store);
    await create('dead');
    await create('orders', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 }) });
    await create('other');
  });
  afterEach(() => servers.close());

  const create = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const waiting = async (queue: string): Promise<number> => (await broker.stats(queue)).waiting;
  const bury = async (count: number): Promise<void> => {
    await broker.sendMany(
      'orders',
      Array.from({ length: count }, (_, at) => ({ body: at })),
    );
    const received = await broker.receive('orders', { max: count, waitSeconds: 20 });
    await broker.deadLetterMany(received.map(({ receipt }) => ({ receipt })));
    await holds(async () => expect(await waiting('dead')).to.equal(count));
  };
  const start = (rest = {}) => client.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead'), ...rest }));
  const tasks = async () => (await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead'), MaxResults: 10 }))).Results ?? [];

  it('return messages to the queues that they came from, with their ids', async () => {
    await bury(30);
    const { messages } = await broker.peek('dead', { limit: 100 });
    await start();
    await holds(async () =>
      expect((await tasks())[0]).to.include({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 30, ApproximateNumberOfMessagesToMove: 30 }),
    );
    const back = await broker.peek('orders', { limit: 100 });
    expect(back.messages.map(({ id }) => id)).to.have.members(messages.map(({ id }) => id));
  });

  it('keep to their rate, one for a queue, and end when they are cancelled', async () => {
    await bury(20);
    const { TaskHandle } = await start({ DestinationArn: arn('other'), MaxNumberOfMessagesPerSecond: 2 });
    expect(await errorName(start())).to.equal('InvalidParameterValue');
    await holds(async () => expect(await waiting('other')).to.be.greaterThan(0));
    expect((await tasks())[0]).to.include({ Status: 'RUNNING', TaskHandle, DestinationArn: arn('other'), MaxNumberOfMessagesPerSecond: 2 });
    await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    await holds(async () => expect((await tasks())[0]).to.include({ Status: 'CANCELLED' }));
    expect(await waiting('other')).to.be.lessThan(20);
    expect((await waiting('other')) + (await waiting('dead'))).to.equal(20);
    expect(await errorName(client.send(new CancelMessageMoveTaskCommand({ TaskHandle })))).to.equal('ResourceNotFoundException');
  });

  it('are gone on with by another process', async () => {
    await bury(20);
    const first = new Broker(await opening.open());
    await first.moves.begin({ from: 'dead', to: 'other', ratePerSecond: 10 });
    await holds(async () => expect(await waiting('other')).to.be.greaterThan(0));
    await first.close();
    broker.moves.look();
    await holds(async () => expect(await waiting('other')).to.equal(20));
    await holds(async () => expect((await tasks())[0]).to.include({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 20 }));
  });

  it('return the messages of a FIFO queue in the order of their groups', async () => {
    const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    await create('dead.fifo', fifo);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead.fifo'), maxReceiveCount: 1 });
    const QueueUrl = await create('orders.fifo', { ...fifo, RedrivePolicy });
    await broker.sendMany(
      'orders.fifo',
      Array.from({ length: 12 }, (_, at) => ({ body: at, group: `g${at % 3}` })),
    );
    const received = await broker.receive('orders.fifo', { max: 12, waitSeconds: 20 });
    await broker.deadLetterMany(received.map(({ receipt }) => ({ receipt })));
    await holds(async () => expect(await waiting('dead.fifo')).to.equal(12));
    await client.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead.fifo') }));
    await holds(async () => expect(await waiting('orders.fifo')).to.equal(12));
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['MessageGroupId'] }),
    );
    const ofGroup = (group: string) => Messages.filter(({ Attributes }) => Attributes?.MessageGroupId === group).map(({ Body }) => Number(Body));
    for (const [at, group] of ['g0', 'g1', 'g2'].entries()) {
      const bodies = ofGroup(group);
      expect(bodies).to.deep.equal([at, at + 3, at + 6, at + 9].slice(0, bodies.length));
    }
    expect(Messages).to.have.length(10);
  });

  it('fail when the queue that they move to is gone, and leave the rest where it is', async () => {
    await bury(20);
    await start({ DestinationArn: arn('other'), MaxNumberOfMessagesPerSecond: 2 });
    await holds(async () => expect(await waiting('other')).to.be.greaterThan(0));
    await client.send(new DeleteQueueCommand({ QueueUrl: await create('other') }));
    await holds(async () => expect((await tasks())[0]).to.include({ Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' }));
    const [{ ApproximateNumberOfMessagesMoved: moved = 0 } = {}] = await tasks();
    expect(moved).to.be.lessThan(20);
    expect(await waiting('dead')).to.equal(20 - moved);
  });

  it('fail when the queue that messages came from is gone', async () => {
    await bury(3);
    await create('more', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 }) });
    await client.send(new DeleteQueueCommand({ QueueUrl: await create('orders') }));
    await start();
    await holds(async () => expect((await tasks())[0]).to.include({ Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' }));
    expect(await waiting('dead')).to.equal(3);
  });

  it('are refused for a queue that is no dead-letter queue, and fail on a message that came from nowhere', async () => {
    expect(await errorName(start({ SourceArn: arn('other') }))).to.equal('InvalidParameterValue');
    expect(await errorName(start({ SourceArn: arn('none') }))).to.equal('ResourceNotFoundException');
    const QueueUrl = await create('dead');
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'a' }] }));
    await start();
    await holds(async () => expect((await tasks())[0]).to.include({ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }));
    const { queueUrls } = await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }));
    expect(queueUrls?.map((url) => new URL(url).pathname)).to.deep.equal(['/000000000000/orders']);
  });
});
