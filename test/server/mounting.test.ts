import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Fastify from 'fastify';
import { brokerHandler, brokerPlugin } from '../../classes/server/server';
import { refusalOf } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { Client } from './client';

forSqlite('The broker in a server of yours', (opening) => {
  it('is mounted in Fastify behind a prefix, and changes nothing outside', async () => {
    const app = Fastify();
    app.post('/echo', (request) => request.body);
    await app.register(brokerPlugin, { prefix: '/broker', store: await opening.open(), createQueues: true });
    const client = new Client(await app.listen({ port: 0 }));
    expect((await client.post('/broker/v1/queues/a/messages', { body: 1 })).status).to.equal(201);
    expect((await client.get('/broker/plain/')).text).to.include('Holdfast broker');
    expect((await client.get('/broker/docs/json')).body['openapi']).to.equal('3.1.0');
    expect((await client.post('/echo', { __proto: 1 })).body).to.deep.equal({ __proto: 1 });
    expect((await client.call('POST', '/echo', { body: 'a', headers: { 'content-type': 'application/json' } })).body).to.include({
      code: 'FST_ERR_CTP_INVALID_JSON_BODY',
    });
    expect((await client.get('/')).headers['content-type']).to.not.include('problem');
    await app.close();
  });

  it('is a handler of Node.js', async () => {
    const { handler, close } = await brokerHandler({ store: await opening.open(), createQueues: true });
    const server = createServer(handler).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await client.post('/v1/queues/a/messages', { body: 1 })).status).to.equal(201);
    await close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('answers under a framework that has written a code and read the body before, also where there is no route', async () => {
    const { handler, close } = await brokerHandler({ store: await opening.open(), createQueues: true });
    const server = createServer((request, response) => {
      response.statusCode = 404;
      if (request.method === 'GET') return handler(request, response);
      void request.toArray().then((parts: Buffer[]) => {
        Object.assign(request, { body: JSON.parse(Buffer.concat(parts).toString()) as unknown });
        handler(request, response);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await client.get('/v1/admin/overview')).status).to.equal(200);
    expect((await client.post('/v1/queues/a/messages', { body: 1 })).status).to.equal(201);
    const none = await client.post('/v1/admin/none', { a: 1 });
    expect([none.status, none.body['code']]).to.deep.equal([404, 'route_unknown']);
    await close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses an option that does not exist, and what is no store', async () => {
    const store = await opening.open();
    expect(await refusalOf(() => brokerHandler({ store, alowWrites: true } as never))).to.include({
      code: 'HOLDFAST_OPTION_UNKNOWN',
      field: 'server.alowWrites',
    });
    expect(await refusalOf(() => brokerHandler({ store: {} } as never))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store' });
    const tokens = [{ name: 'a', hash: 'not-a-hash' }];
    expect(await refusalOf(() => brokerHandler({ store, tokens }))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'tokens[0].hash' });
  });
});
