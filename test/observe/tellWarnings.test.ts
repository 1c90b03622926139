import { expect } from 'chai';
import { Emitter } from '../../classes/observe/emitter';
import { tellWarnings } from '../../classes/observe/tellWarnings';

describe('The warnings of a store', () => {
  it('that came before and after a command listened are on its error stream, a line each', async () => {
    const events = new Emitter();
    const written: string[] = [];
    const told = { url: 'mongodb://host', warning: 'standalone' } as const;
    events.announce('store-warning', { ...told, message: 'alone' });
    tellWarnings(events, { write: (line: string | Uint8Array) => written.push(String(line)) > 0 });
    events.announce('store-warning', { ...told, message: 'once more' });
    await new Promise((resume) => setImmediate(resume));
    expect(written.sort()).to.deep.equal(['mongodb://host: alone\n', 'mongodb://host: once more\n']);
  });
});
