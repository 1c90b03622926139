import { Writable } from 'node:stream';
import { expect } from 'chai';
import { transports } from 'winston';
import { LOG_LEVEL_OF } from '../../config/logLevels';
import { env, ENVIRONMENTS } from '../../constants/env';
import { LOG_LEVELS } from '../../constants/events';
import { theLogger } from '../../modules/observe/logger';

describe('logger', () => {
  const logger = theLogger();
  const written: string[] = [];
  const [level, console_] = [logger.level, logger.transports[0]];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  const transport = new transports.Stream({ stream: sink });

  before(() => {
    if (console_) console_.silent = true;
    logger.add(transport);
    logger.level = 'debug';
  });

  beforeEach(() => written.splice(0));

  after(() => {
    logger.remove(transport);
    if (console_) console_.silent = false;
    logger.level = level;
  });

  it('writes the time, the level, the label and the message', () => {
    logger.log({ level: 'warn', label: 'task', message: 'it broke' });
    expect(written).to.have.length(1);
    expect(written[0]).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z - warn: \[task\] it broke\n$/);
  });

  it('takes a line without a label for one of the index', () => {
    logger.info('Iteration took 0.012 seconds');
    expect(written[0]).to.match(/ - info: \[index\] Iteration took 0\.012 seconds\n$/);
  });

  const CONTROL = ['\n', '\r', '\r\n', '\t', '\0', '\b', '\u001b[31m', '\u007f', '\u0085', '\u009b', '\u2028', '\u2029'];

  for (const text of CONTROL) {
    it(`keeps a message with ${escaped(text)} on one line and shows it as text`, () => {
      logger.info(`before${text}after - error: [index] forged`);
      expect(written).to.have.length(1);
      const line = written[0]?.slice(0, -1) ?? '';
      expect(line).to.match(/before.+after - error: \[index\] forged$/);
      // eslint-disable-next-line no-control-regex
      expect(line).not.to.match(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    });
  }

  it('leaves all other text as it is', () => {
    logger.info('ä "quoted" 😀 \\ %s %d {}');
    expect(written[0]).to.match(/\] ä "quoted" 😀 \\ %s %d \{\}\n$/);
  });

  it('writes what is at its level or above', () => {
    logger.level = 'warn';
    for (const name of LOG_LEVELS) logger.log({ level: name, message: name });
    logger.level = 'debug';
    expect(written.map((line) => / - (\w+):/.exec(line)?.[1])).to.deep.equal(['error', 'warn']);
  });

  it('has a level for each environment', () => {
    expect(Object.keys(LOG_LEVEL_OF).sort()).to.deep.equal([...ENVIRONMENTS].sort());
    expect(ENVIRONMENTS).to.include(env);
    if (!process.env['HOLDFAST_LOG_LEVEL']) expect(level).to.equal(LOG_LEVEL_OF[env]);
  });
});

function escaped(text: string): string {
  return [...text].map((character) => `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join(' ');
}
