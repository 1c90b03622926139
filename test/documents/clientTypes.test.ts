import { expect } from 'chai';
import { clientTypesFile, clientTypesText } from '../../docs/clientTypes';

describe('The types of the client', () => {
  it('are those of the OpenAPI document: npx gulp docs', async () => {
    expect(clientTypesFile()).to.equal(await clientTypesText());
  });
});
