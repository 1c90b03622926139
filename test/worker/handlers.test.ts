import { expect } from 'chai';
import sinon from 'sinon';
import { Handlers } from '../../classes/worker/handlers';
import type { AnyHandler } from '../../classes/worker/handlers';
import { refOf } from '../../modules/task/task';
import { codedErrorOf } from '../support/expectations';
import { sampleTask } from '../support/samples';

const taskNamed = (name: string) => refOf(sampleTask({ name }));

describe('Handlers', () => {
  it('finds the handler of a task by its name', () => {
    const onUnknown = sinon.fake();
    const handlers = new Handlers(onUnknown);
    const [welcome, goodbye] = [() => 1, () => 2];
    handlers.add('welcome', { run: welcome });
    handlers.add('goodbye', { run: goodbye });
    expect(handlers.of(taskNamed('welcome'))).to.deep.equal({ run: welcome });
    expect(handlers.of(taskNamed('goodbye'))).to.deep.equal({ run: goodbye });
    expect(onUnknown.callCount).to.equal(0);
  });

  it('tells once for each name that has none', () => {
    const onUnknown = sinon.fake();
    const handlers = new Handlers(onUnknown);
    for (const name of ['a', 'b', 'a', 'a', 'b']) expect(handlers.of(taskNamed(name))).to.equal(undefined);
    expect(onUnknown.args).to.deep.equal([[taskNamed('a')], [taskNamed('b')]]);
  });

  it('has a handler for a name that was unknown before', () => {
    const handlers = new Handlers(() => undefined);
    const late = (): number => 1;
    handlers.of(taskNamed('late'));
    handlers.add('late', { run: late });
    expect(handlers.of(taskNamed('late'))).to.deep.equal({ run: late });
  });

  it('takes for a handler nothing that every object inherits', () => {
    const handlers = new Handlers(() => undefined);
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) expect(handlers.of(taskNamed(name))).to.equal(undefined);
  });

  it('refuses a second handler of a name, and keeps the first', () => {
    const handlers = new Handlers(() => undefined);
    const first = (): number => 1;
    handlers.add('welcome', { run: first });
    const error = codedErrorOf(() => handlers.add('welcome', { run: () => 2 }));
    expect(error).to.include({ code: 'HOLDFAST_HANDLER_DUPLICATE', field: 'handlers.welcome' });
    expect(handlers.of(taskNamed('welcome'))).to.deep.equal({ run: first });
  });

  it('refuses what is no function', () => {
    const handlers = new Handlers(() => undefined);
    for (const handler of [undefined, null, 5, 'text', {}]) {
      const error = codedErrorOf(() => handlers.add('welcome', { run: handler as AnyHandler }));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'handlers.welcome', expected: 'a function' });
    }
  });
});
