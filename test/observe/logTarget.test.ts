import { Writable } from 'node:stream';
import { expect } from 'chai';
import sinon from 'sinon';
import { createLogger, format, transports } from 'winston';
import { Emitter } from '../../classes/observe/emitter';
import { logEvents } from '../../modules/observe/logEvents';
import { redactFormat } from '../../modules/observe/redactFormat';
import { refOf } from '../../modules/task/task';
import { sampleTask } from '../support/samples';

const task = refOf(sampleTask());

/** A logger of winston whose lines are kept, as its users make one. */
function winstonLines(paths: readonly string[] = []): { readonly log: ReturnType<typeof createLogger>; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const log = createLogger({ format: format.combine(redactFormat(paths), format.json()), transports: [new transports.Stream({ stream })] });
  return { log, lines };
}

describe('The target of a log', () => {
  it('may be console, which gets lines by level', () => {
    const target = { error: sinon.fake(), warn: sinon.fake(), info: sinon.fake(), debug: sinon.fake(), log: sinon.fake(), table: sinon.fake() };
    const events = new Emitter();
    logEvents(events, target);
    events.emit('task-log', { workerId: 'w', task, level: 'info', message: 'half\u202e of\nit' });
    events.emit('store-closed', { url: 'sqlite::memory:' });
    expect(target.log.called).to.equal(false);
    expect(target.info.args).to.deep.equal([[`info: [task] ${task.name} ${task.id} (attempt ${task.attempt}) half\\u202e of\\nit`]]);
    expect(target.debug.args).to.deep.equal([['verbose: [store] Closed sqlite::memory:']]);
  });

  it('may be a logger that takes fields and a message, as pino does', () => {
    const target = { error: sinon.fake(), warn: sinon.fake(), info: sinon.fake(), debug: sinon.fake() };
    const events = new Emitter();
    logEvents(events, target);
    events.emit('task-log', { workerId: 'w', task, level: 'warn', message: 'slow' });
    const [fields, message] = target.warn.firstCall.args as [Record<string, unknown>, string];
    expect(message).to.match(/slow$/);
    expect(fields)
      .to.include({ label: 'task', event: 'task-log', queue: task.queue, id: task.id, workerId: 'w' })
      .and.not.have.any.keys('message', 'level');
  });

  it('is refused at once where it is none of the known kinds', () => {
    for (const wrong of [null, 7, {}, { info: () => undefined }, 'console'])
      expect(() => logEvents(new Emitter(), wrong as never)).to.throw(/logger must be a logger of winston or pino.*HOLDFAST_OPTION_INVALID/);
  });

  it('gets the message of an error without what looks like a credential', () => {
    const records: { readonly error: unknown }[] = [];
    const events = new Emitter();
    logEvents(events, { log: (record) => records.push(record) });
    events.emit('store-lost', { operation: 'claim', error: { name: 'Error', message: 'mongodb://u:hunter2@h/db refused' } });
    expect(JSON.stringify(records)).not.to.include('hunter2');
    expect(records[0]?.error).to.deep.include({ name: 'Error', message: 'mongodb://[redacted]@h/db refused' });
  });
});

describe('redactFormat', () => {
  it('redacts secret names at any depth, in lists, and credentials in texts and keys', () => {
    const { log, lines } = winstonLines(['order.iban']);
    log.info('sent', {
      accessToken: 'a1',
      a: { b: { c: [{ API_KEY: 'k', passwords: ['p'], auth: { pass: 'x' } }] } },
      'mongodb://u:hunter2@h': 1,
      order: { iban: 'DE1', id: 7 },
      tokens: 512,
    });
    expect(lines[0]).to.deep.include({
      message: 'sent',
      accessToken: '[redacted]',
      a: { b: { c: [{ API_KEY: '[redacted]', passwords: '[redacted]', auth: { pass: '[redacted]' } }] } },
      'mongodb://[redacted]@h': 1,
      order: { iban: '[redacted]', id: 7 },
      tokens: 512,
    });
  });

  it('keeps an Error that is logged by itself, with message and stack and without credentials', () => {
    const { log, lines } = winstonLines();
    log.error(new TypeError('password=hunter2 was refused'));
    expect(lines[0]?.['message']).to.equal('TypeError: password=[redacted] was refused');
    expect(lines[0]?.['stack']).to.match(/^TypeError: password=\[redacted\] was refused\n +at /);
  });

  it('takes buffers, cycles, dates, class instances and what throws when it is read', () => {
    const { log, lines } = winstonLines();
    const cyclic: Record<string, unknown> = { name: 'loop' };
    cyclic['self'] = cyclic;
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    log.info('all', { data: Buffer.from('ab'), cyclic, at: new Date(0), url: new URL('http://u:hunter2@h/'), hostile, big: 10n.toString() });
    expect(lines[0]).to.deep.include({ cyclic: { name: 'loop', self: '[circular]' }, at: '1970-01-01T00:00:00.000Z', url: 'http://[redacted]@h/' });
    expect(lines[0]?.['data']).to.deep.equal(Buffer.from('ab').toJSON());
    expect(lines[0]?.['hostile']).to.equal('[unreadable]');
  });
});
