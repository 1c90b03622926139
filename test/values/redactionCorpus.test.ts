import { expect } from 'chai';
import { REDACTED, scrub } from '../../modules/values/scrub';
import { MUST_CHANGE, MUST_STAY } from './redactionCorpus';

const SECRET = /«(.+?)»/g;

/** What a line keeps: the text before the first secret and behind the last. */
const isKept = (line: string, scrubbed: string): boolean => {
  const parts = line.split(SECRET).filter((_, index) => index % 2 === 0);
  return parts.every((part) => scrubbed.includes(part.trim()));
};

describe('The redaction of 200 lines of logs', () => {
  it('has a hundred lines of each kind', () => {
    expect([MUST_CHANGE.length, MUST_STAY.length]).to.deep.equal([100, 100]);
  });

  it('removes every secret, and keeps what stands around it', () => {
    const wrong = MUST_CHANGE.filter((line) => {
      const scrubbed = scrub(line.replaceAll(/[«»]/g, ''));
      const secrets = [...line.matchAll(SECRET)].map(([, secret = '']) => secret);
      return !scrubbed.includes(REDACTED) || secrets.some((secret) => scrubbed.includes(secret)) || !isKept(line, scrubbed);
    });
    expect(wrong.map((line) => [line, scrub(line.replaceAll(/[«»]/g, ''))])).to.deep.equal([]);
  });

  it('leaves every line without a secret as it is', () => {
    expect(MUST_STAY.filter((line) => scrub(line) !== line).map((line) => scrub(line))).to.deep.equal([]);
  });

  it('is the same when it is done twice', () => {
    const once = MUST_CHANGE.map((line) => scrub(line.replaceAll(/[«»]/g, '')));
    expect(once.map(scrub)).to.deep.equal(once);
  });
});
