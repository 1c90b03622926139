import { CreateQueueCommand, ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { newToken, startServer } from '../../classes/server/server';
import { Client } from '../server/client';
import { refusalOf } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { clientOf, errorName, SqsServers } from './sqsServers';

const OWNER = { accessKeyId: 'owner', secretAccessKey: 'correct horse' };
const SENDER = { accessKeyId: 'sender', secretAccessKey: 'battery staple', actions: ['produce' as const], queues: 'shop-' };

forSqlite('Access to the SQS endpoint', (opening) => {
  const servers = new SqsServers(opening);
  afterEach(() => servers.close());

  const sqs = (path: string, headers: Record<string, string>, body = '{}') => ({
    path,
    call: { body, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues', ...headers } },
  });

  it('takes any signature where there are no keys and no tokens', async () => {
    const { client } = await servers.start();
    expect(await errorName(client.send(new ListQueuesCommand({})))).to.equal('none');
  });

  it('takes the signatures of its keys alone, and what each key allows', async () => {
    const { server } = await servers.start({ credentials: [OWNER, SENDER] });
    const as = (keys: { accessKeyId: string; secretAccessKey: string }) => servers.keep(clientOf(server.url, keys));
    const owner = as(OWNER);
    const QueueUrl = (await owner.send(new CreateQueueCommand({ QueueName: 'shop-orders' }))).QueueUrl;
    const other = (await owner.send(new CreateQueueCommand({ QueueName: 'mail' }))).QueueUrl;
    const sender = as(SENDER);
    await sender.send(new SendMessageCommand({ QueueUrl, MessageBody: 'ü'.repeat(1_000) }));
    expect(await errorName(sender.send(new SendMessageCommand({ QueueUrl: other, MessageBody: 'a' })))).to.equal('AccessDenied');
    expect(await errorName(sender.send(new ReceiveMessageCommand({ QueueUrl })))).to.equal('AccessDenied');
    const [message] = (await owner.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['SenderId'] }))).Messages ?? [];
    expect(message?.Attributes).to.deep.equal({ SenderId: 'sender' });
    expect(await errorName(as({ ...OWNER, secretAccessKey: 'guess' }).send(new ListQueuesCommand({})))).to.equal('SignatureDoesNotMatch');
    expect(await errorName(as({ ...OWNER, accessKeyId: 'nobody' }).send(new ListQueuesCommand({})))).to.equal('InvalidClientTokenId');
  });

  it('refuses a signature of another time, another body, or none', async () => {
    const { server } = await servers.start({ credentials: [OWNER] });
    const late = servers.keep(clientOf(server.url, OWNER));
    late.config.systemClockOffset = -16 * 60_000;
    expect(await errorName(late.send(new ListQueuesCommand({})))).to.equal('SignatureDoesNotMatch');
    const soon = servers.keep(clientOf(server.url, OWNER));
    soon.config.systemClockOffset = 14 * 60_000;
    expect(await errorName(soon.send(new ListQueuesCommand({})))).to.equal('none');
    const forger = servers.keep(clientOf(server.url, OWNER));
    forger.middlewareStack.add((next) => (args) => next({ ...args, request: { ...(args.request as object), body: '[]' } }), {
      step: 'finalizeRequest',
      priority: 'low',
    });
    expect(await errorName(forger.send(new ListQueuesCommand({})))).to.equal('SignatureDoesNotMatch');
    const { path, call } = sqs('/', {});
    const unsigned = await new Client(server.url).call('POST', path, call);
    expect([unsigned.status, unsigned.body['__type']]).to.deep.equal([403, 'com.amazon.coral.service#MissingAuthenticationTokenException']);
  });

  it('wants a token where there are tokens alone', async () => {
    const { token, hash } = newToken();
    const { server, client } = await servers.start({ tokens: [{ name: 'shop', hash, actions: ['read'] }] });
    expect(await errorName(client.send(new ListQueuesCommand({})))).to.equal('MissingAuthenticationToken');
    const { path, call } = sqs('/', { authorization: `Bearer ${token}` });
    expect((await new Client(server.url).call('POST', path, call)).status).to.equal(200);
  });

  it('listens for other machines with keys, and lets nobody without a token to the other routes then', async () => {
    const store = await opening.open();
    expect(await refusalOf(() => startServer({ store, port: 0, host: '0.0.0.0' }))).to.include({ code: 'HOLDFAST_SERVER_OPEN' });
    const { server } = await servers.start({ host: '0.0.0.0', credentials: [OWNER] });
    expect((await new Client(server.url).get('/v1/queues')).status).to.equal(401);
    expect(await errorName(servers.keep(clientOf(server.url, OWNER)).send(new ListQueuesCommand({})))).to.equal('none');
  });

  it('refuses other host names and pages of other origins', async () => {
    const { server } = await servers.start();
    for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }]) {
      const { path, call } = sqs('/', headers);
      const { status, body } = await new Client(server.url).call('POST', path, call);
      expect([status, body['__type']]).to.deep.equal([403, 'com.amazon.coral.service#AccessDeniedException']);
    }
  });
});
