import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { SQS_PATH, withSqsTables } from '../../docs/sqsPage';

describe('docs/sqs.md', () => {
  it('has the actions, attributes and errors of the code', () => {
    const page = readFileSync(SQS_PATH, 'utf8');
    expect(page).to.equal(withSqsTables(page));
  });
});
