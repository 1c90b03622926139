import { expect } from 'chai';
import { SQS_ERRORS } from '../../constants/sqsErrors';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { Client } from '../server/client';
import type { Answer } from '../server/client';
import { SqsServers } from './sqsServers';

forSqlite('The wire of SQS', (opening) => {
  const servers = new SqsServers(opening);
  let client: Client;
  const start = async (options = {}): Promise<void> => {
    client = new Client((await servers.start(options)).server.url);
  };
  beforeEach(() => start());
  afterEach(() => servers.close());

  const call = (
    action: string,
    input: unknown,
    { path = '/', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> =>
    client.call('POST', path, {
      body: typeof input === 'string' ? input : JSON.stringify(input),
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}`, ...headers },
    });
  const urlOf = async (QueueName: string, headers = {}): Promise<string> =>
    (await call('CreateQueue', { QueueName }, { headers })).body['QueueUrl'] ?? '';

  it('reads the queue from the path alone, of the URL or of the request, and ignores unknown members', async () => {
    await urlOf('orders');
    const proxied = await call('SendMessage', {
      QueueUrl: 'https://sqs.example.com/prefix/123456789012/orders',
      MessageBody: 'a',
      Future: { b: [1] },
    });
    expect(proxied.status).to.equal(200);
    expect((await call('ReceiveMessage', {}, { path: '/000000000000/orders' })).body['Messages']).to.have.length(1);
    expect((await call('PurgeQueue', { QueueUrl: 'orders' })).status).to.equal(200);
  });

  it('names the type of an answer and of a fault as SQS does, without a charset', async () => {
    const QueueUrl = await urlOf('orders');
    const path = new URL(QueueUrl).pathname;
    for (const answer of [
      await call('SendMessage', { QueueUrl, MessageBody: 'größe' }),
      await call('ReceiveMessage', { QueueUrl }, { path }),
      await call('Nothing', {}),
    ])
      expect(answer.headers['content-type']).to.equal('application/x-amz-json-1.0');
  });

  it('makes URLs of the Host header, or of the public URL', async () => {
    expect(await urlOf('a', { host: 'localhost:4566' })).to.equal('http://localhost:4566/000000000000/a');
    await start({ publicUrl: 'https://queues.example.com/broker', account: '123456789012' });
    expect(await urlOf('b')).to.equal('https://queues.example.com/broker/123456789012/b');
  });

  it('names errors as new and as old clients know them', async () => {
    const old = await call('GetQueueUrl', { QueueName: 'none' }, { headers: { 'x-amzn-query-mode': 'true' } });
    expect(old.body).to.deep.equal({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' });
    expect(old.headers).to.include({ 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' });
    expect(old.headers['x-amzn-requestid']).to.match(/^[0-9a-f-]{36}$/);
    expect((await call('GetQueueUrl', { QueueName: 'none' })).headers).not.to.have.property('x-amzn-query-error');
  });

  it('answers each bad request with an error of the table', async () => {
    const QueueUrl = await urlOf('orders');
    const bad: [string, unknown, keyof typeof SQS_ERRORS][] = [
      ['Nothing', {}, 'UnknownOperation'],
      ['ListQueues', '{', 'SerializationException'],
      ['ListQueues', { MaxResults: 'ten' }, 'SerializationException'],
      ['ListQueues', { MaxResults: 1_001 }, 'InvalidParameterValue'],
      ['ListQueues', { NextToken: '//' }, 'InvalidParameterValue'],
      ['ListDeadLetterSourceQueues', { QueueUrl, NextToken: '//' }, 'InvalidParameterValue'],
      ['CreateQueue', { QueueName: '../../etc' }, 'InvalidParameterValue'],
      ['CreateQueue', { QueueName: 'a', Attributes: { Colour: 'red' } }, 'InvalidAttributeName'],
      ['CreateQueue', { QueueName: 'a', Attributes: { DelaySeconds: '901' } }, 'InvalidAttributeValue'],
      ['CreateQueue', { QueueName: 'a', Attributes: { RedrivePolicy: '{"deadLetterTargetArn":"x","maxReceiveCount":1}' } }, 'InvalidParameterValue'],
      ['SendMessage', { MessageBody: 'a' }, 'MissingParameter'],
      ['SendMessage', { QueueUrl: { $ne: '' }, MessageBody: 'a' }, 'SerializationException'],
      ['SendMessage', { QueueUrl: 'http://h/0/$where', MessageBody: 'a' }, 'QueueDoesNotExist'],
      ['SendMessage', { QueueUrl, MessageBody: '' }, 'MissingParameter'],
      ['SendMessage', { QueueUrl, MessageBody: 'a\u0001' }, 'InvalidMessageContents'],
      ['SendMessage', { QueueUrl, MessageBody: 'a'.repeat(1_048_577) }, 'InvalidParameterValue'],
      ['SendMessage', { QueueUrl, MessageBody: 'a', MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } }, 'InvalidParameterValue'],
      [
        'SendMessage',
        { QueueUrl, MessageBody: 'a', MessageAttributes: { 'AWS.n': { DataType: 'String', StringValue: 'x' } } },
        'InvalidParameterValue',
      ],
      ['SendMessageBatch', { QueueUrl, Entries: [] }, 'EmptyBatchRequest'],
      ['SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a b', MessageBody: 'a' }] }, 'InvalidBatchEntryId'],
      ['ReceiveMessage', { QueueUrl, WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
      ['DeleteMessage', { QueueUrl, ReceiptHandle: 'garbage' }, 'ReceiptHandleIsInvalid'],
      ['ChangeMessageVisibility', { QueueUrl, ReceiptHandle: 'garbage', VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
    ];
    for (const [action, input, name] of bad) {
      const { status, body } = await call(action, input);
      expect([status, body['__type']], `${action} ${JSON.stringify(input).slice(0, 80)}`).to.deep.equal([
        SQS_ERRORS[name].status,
        SQS_ERRORS[name].type,
      ]);
    }
  });

  it('takes a message of 1,048,576 bytes, attributes included, and no larger one', async () => {
    const QueueUrl = await urlOf('orders');
    const send = async (bytes: number): Promise<number> => {
      const MessageAttributes = { ab: { DataType: 'String', StringValue: 'ü' } };
      return (await call('SendMessage', { QueueUrl, MessageBody: '"'.repeat(bytes - 10), MessageAttributes })).status;
    };
    expect(await send(1_048_576)).to.equal(200);
    expect(await send(1_048_577)).to.equal(400);
  });

  it('refuses the Query protocol with an answer that names JSON', async () => {
    const { status, text } = await client.call('POST', '/', {
      body: 'Action=ListQueues&Version=2012-11-05',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(status).to.equal(400);
    expect(text).to.include('JSON');
  });

  it('gives back what was claimed for a client that has left', async () => {
    const QueueUrl = await urlOf('orders');
    const left = client.begin('POST', '/', {
      body: JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 }),
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    });
    left.on('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    left.destroy();
    await call('SendMessage', { QueueUrl, MessageBody: 'a' });
    await eventually('another client gets the message', async () => (await call('ReceiveMessage', { QueueUrl })).body['Messages'] !== undefined);
  });
});
