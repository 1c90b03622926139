import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { forSqlite } from '../support/stores';
import { SqsServers } from './sqsServers';

const arn = (queue: string): string => `arn:aws:sqs:eu-central-1:000000000000:${queue}`;
const handle = (task: object): string => Buffer.from(JSON.stringify(task)).toString('base64');

forSqlite('Faults of the SQS endpoint', (opening) => {
  const servers = new SqsServers(opening);
  let client: SQSClient;
  let QueueUrl: string;
  let fifoUrl: string;
  beforeEach(async () => {
    ({ client } = await servers.start());
    QueueUrl = await create('orders');
    fifoUrl = await create('orders.fifo', { FifoQueue: 'true' });
  });
  afterEach(() => servers.close());

  const create = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  /** Returns the status, the name and the text of the fault that a call ends with. */
  const fault = async (call: Promise<unknown>): Promise<unknown[]> => {
    const error = (await call.then(
      () => new Error('none'),
      (reason: unknown) => reason,
    )) as SQSServiceException;
    return [error.$metadata?.httpStatusCode, error.name, error.message];
  };
  const send = (rest = {}, url = QueueUrl) => client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'a', ...rest }));
  const configure = (url: string, Attributes: Record<string, string>) => client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));

  it('name the attribute in which a queue that is there differs', async () => {
    expect(await fault(create('orders', { DelaySeconds: '2', VisibilityTimeout: '30' }))).to.deep.equal([
      400,
      'QueueNameExists',
      'A queue already exists with the same name and a different value for attribute DelaySeconds',
    ]);
    expect(await fault(create('orders.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' }))).to.deep.equal([
      400,
      'QueueNameExists',
      'A queue already exists with the same name and a different value for attribute ContentBasedDeduplication',
    ]);
    expect((await fault(create('orders', { Policy: '{}' })))[2]).to.match(/attribute Policy$/);
  });

  it('refuse the attributes of FIFO queues for other ones, whatever their values', async () => {
    const unknown = (name: string) => [400, 'InvalidAttributeName', `Unknown Attribute ${name}.`];
    for (const name of ['FifoQueue', 'ContentBasedDeduplication']) {
      expect(await fault(create('plain', { [name]: 'false' })), name).to.deep.equal(unknown(name));
      expect(await fault(configure(QueueUrl, { [name]: 'false' })), name).to.deep.equal(unknown(name));
      expect(await fault(configure(QueueUrl, { [name]: 'true' })), name).to.deep.equal(unknown(name));
    }
    expect(await fault(create('plain', { DeduplicationScope: 'queue' }))).to.deep.equal([
      400,
      'InvalidAttributeName',
      'You can specify the DeduplicationScope only when FifoQueue is set to true.',
    ]);
    await configure(fifoUrl, { FifoQueue: 'true' });
    expect(await fault(configure(fifoUrl, { FifoQueue: 'false' }))).to.deep.equal([
      400,
      'InvalidAttributeValue',
      'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    ]);
  });

  it('refuse two encryptions at once, of which the last one named holds', async () => {
    const read = async () =>
      (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['KmsMasterKeyId', 'SqsManagedSseEnabled'] }))).Attributes;
    expect(await fault(configure(QueueUrl, { KmsMasterKeyId: 'key', SqsManagedSseEnabled: 'true' }))).to.deep.equal([
      400,
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    ]);
    await configure(QueueUrl, { SqsManagedSseEnabled: 'true' });
    await configure(QueueUrl, { KmsMasterKeyId: 'key' });
    expect(await read()).to.deep.equal({ KmsMasterKeyId: 'key', SqsManagedSseEnabled: 'false' });
    await configure(QueueUrl, { SqsManagedSseEnabled: 'true' });
    expect(await read()).to.deep.equal({ SqsManagedSseEnabled: 'true' });
  });

  it('have the words of SQS for ids, ranges, attributes and handles', async () => {
    for (const name of ['MessageGroupId', 'MessageDeduplicationId'])
      expect(await fault(send({ [name]: 'two words' })), name).to.deep.equal([
        400,
        'InvalidParameterValue',
        `Value two words for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      ]);
    expect(await fault(client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })))).to.deep.equal([
      400,
      'InvalidParameterValue',
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ]);
    expect(await fault(send({ MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }))).to.deep.equal([
      400,
      'InvalidParameterValue',
      "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
    ]);
    expect(await fault(client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'garbage' })))).to.deep.equal([
      400,
      'ReceiptHandleIsInvalid',
      'The input receipt handle "garbage" is not a valid receipt handle.',
    ]);
  });

  it('concern a batch as a whole where a message of a FIFO queue has no group', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'a', MessageGroupId: 'g', MessageDeduplicationId: '1' },
      { Id: 'b', MessageBody: 'b', MessageDeduplicationId: '2' },
    ];
    expect(await fault(client.send(new SendMessageBatchCommand({ QueueUrl: fifoUrl, Entries })))).to.deep.equal([
      400,
      'InvalidParameterValue',
      'The request must contain the parameter MessageGroupId.',
    ]);
    const delayed = { Id: 'b', MessageBody: 'b', MessageGroupId: 'g', MessageDeduplicationId: '2', DelaySeconds: 10 };
    const { Successful = [], Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: fifoUrl, Entries: [{ ...delayed, Id: 'a', DelaySeconds: 0 }, delayed] }),
    );
    expect([...Successful, ...Failed].map(({ Id }) => Id)).to.deep.equal(['a', 'b']);
    expect(Failed[0]).to.include({ SenderFault: true, Code: 'InvalidParameterValue' });
    expect(await fault(send({ MessageDeduplicationId: '3' }, fifoUrl))).to.deep.equal([
      400,
      'MissingParameter',
      'The request must contain the parameter MessageGroupId.',
    ]);
  });

  it('of entries leave out the list that is empty', async () => {
    const good = { Id: 'a', MessageBody: 'a' };
    const bad = { Id: 'b', MessageBody: 'b', DelaySeconds: 901 };
    const batch = async (...Entries: { Id: string; MessageBody: string }[]) => {
      const { $metadata: _, ...told } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      return Object.keys(told);
    };
    expect(await batch(good)).to.deep.equal(['Successful']);
    expect(await batch(bad)).to.deep.equal(['Failed']);
    expect(await batch(good, bad)).to.deep.equal(['Successful', 'Failed']);
    await configure(QueueUrl, { MaximumMessageSize: '1024' });
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'a'.repeat(1_025) }] }));
    expect(Failed[0]?.Message).to.equal('One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.');
    const removed = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'garbage' }] }));
    expect(removed).not.to.have.property('Successful');
  });

  it('of permissions are those of SQS, and so is the version of their policy', async () => {
    const add = () => client.send(new AddPermissionCommand({ QueueUrl, Label: 'one', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] }));
    await add();
    expect((await fault(add()))[2]).to.equal('Value one for parameter Label is invalid. Reason: Already exists.');
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
    expect(JSON.parse(Attributes.Policy ?? '')).to.include({ Version: '2008-10-17', Id: `${arn('orders')}/SQSDefaultPolicy` });
    const remove = (Label: string) => client.send(new RemovePermissionCommand({ QueueUrl, Label }));
    expect((await fault(remove('two')))[2]).to.equal("Value two for parameter Label is invalid. Reason: can't find label on existing policy.");
    await remove('one');
    expect((await fault(remove('one')))[2]).to.equal("Value one for parameter Label is invalid. Reason: can't find label.");
  });

  it('of move tasks have the status, the name and the words of SQS', async () => {
    const cancel = (TaskHandle: string) => fault(client.send(new CancelMessageMoveTaskCommand({ TaskHandle })));
    const start = (SourceArn: string, rest = {}) => client.send(new StartMessageMoveTaskCommand({ SourceArn, ...rest }));
    const missing = (parameter: string) => [
      404,
      'ResourceNotFoundException',
      `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    ];
    expect(await cancel('foobared')).to.deep.equal([400, 'InvalidParameterValue', 'Value for parameter TaskHandle is invalid.']);
    const taskId = '10f57157-fc38-4da9-a113-4de7e12d05dd';
    expect(await cancel(handle({ taskId, sourceArn: arn('none') }))).to.deep.equal(missing('SourceArn'));
    expect(await cancel(handle({ taskId, sourceArn: arn('orders') }))).to.deep.equal([404, 'ResourceNotFoundException', 'Task does not exist.']);
    await create('dead');
    expect(await fault(start(arn('dead')))).to.deep.equal([400, 'InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.']);
    await configure(QueueUrl, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 }) });
    expect(await fault(start(arn('none')))).to.deep.equal(missing('SourceArn'));
    expect(await fault(start(arn('dead'), { DestinationArn: arn('none') }))).to.deep.equal(missing('DestinationArn'));
    const dead = await create('dead');
    for (let at = 0; at < 10; at += 1) await send({}, dead);
    const { TaskHandle = '' } = await start(arn('dead'), { DestinationArn: arn('orders'), MaxNumberOfMessagesPerSecond: 1 });
    expect(JSON.parse(Buffer.from(TaskHandle, 'base64').toString())).to.have.all.keys('taskId', 'sourceArn');
    expect(await fault(start(arn('dead')))).to.deep.equal([
      400,
      'InvalidParameterValue',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    ]);
    const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }));
    expect(Results[0]).to.include({ TaskHandle, SourceArn: arn('dead') });
    await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  });
});
