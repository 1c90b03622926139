import { expect } from 'chai';
import { parseSearch } from '../../modules/search/parseSearch';
import { searchPlaceOf } from '../../modules/search/searchFault';
import { quoted, suggestions } from '../../modules/search/suggestions';

const fault = (text: string): unknown => {
  try {
    parseSearch(text);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('A search text', () => {
  it('has tokens between blanks, each with values by commas', () => {
    const { terms } = parseSearch('  state:dead,running  -name:"a b",c* meta.x.y:1 attempts:>2 added:<1.5h plain,text "in quotes" ');
    expect(terms.map(({ field, isNegated, path }) => [field, isNegated, path.join('.')])).to.deep.equal([
      ['state', false, ''],
      ['name', true, ''],
      ['meta', false, 'x.y'],
      ['attempts', false, ''],
      ['added', false, ''],
      ['text', false, ''],
      ['text', false, ''],
    ]);
    expect(terms[1]?.values).to.deep.equal([
      { text: 'a b', isPrefix: false },
      { text: 'c', isPrefix: true },
    ]);
    expect(terms[3]?.comparisons).to.deep.equal([{ sign: '>', amount: 2 }]);
    expect(terms[4]?.comparisons).to.deep.equal([{ sign: '<', amount: 5_400_000 }]);
    expect(terms.slice(5).map(({ values }) => values[0]?.text)).to.deep.equal(['plain,text', 'in quotes']);
  });

  it('may be empty', () => {
    for (const text of ['', '  \t\n']) expect(parseSearch(text).terms).to.deep.equal([]);
  });

  it('escapes a quote by a backslash', () => {
    expect(parseSearch(String.raw`"say \"hi\" \\ \n"`).terms[0]?.values[0]?.text).to.equal(String.raw`say "hi" \ \n`);
  });

  it('keeps a colon in a value, and in text that begins with no field', () => {
    expect(parseSearch('key:user:42 10:30').terms.map(({ values }) => values[0]?.text)).to.deep.equal(['user:42', '10:30']);
  });

  const FAULTS: readonly (readonly [text: string, at: number, expected: RegExp])[] = [
    ['state:ded', 6, /one of waiting, delayed/],
    ['state:dead,', 11, /a value/],
    ['name:', 5, /a value/],
    ['name:a,,b', 7, /a value/],
    ['ok nmae:x', 3, /one of state, queue/],
    ['-', 1, /text/],
    ['http://x', 0, /quotes/],
    ['error:"open', 6, /ends with a quote/],
    ['"a"b', 3, /a blank/],
    ['name:"a"b', 8, /a blank/],
    ['id:123', 3, /UUID/],
    ['group:xyz', 6, /16 hexadecimal/],
    ['added:1h', 6, /< or >/],
    ['added:>1y', 6, /< or >/],
    ['added:>99999999999d', 6, /< or >/],
    ['duration:>x', 9, /< or >/],
    ['attempts:many', 9, /a number/],
    ['meta:acme', 4, /a path/],
    ['payload.:1', 7, /a path/],
    ['payload..a:1', 7, /a path/],
    ['name.first:x', 4, /a colon/],
    ['x'.repeat(5_000), 4_096, /at most 4096/],
    [Array.from({ length: 51 }, () => 'x').join(' '), 100, /at most 50/],
  ];

  for (const [text, at, expected] of FAULTS)
    it(`is refused where "${text.slice(0, 30)}" is at fault`, () => {
      const error = fault(text);
      expect(searchPlaceOf(error)).to.equal(at);
      expect((error as Error).message).to.match(expected);
    });
});

describe('Suggestions', () => {
  const at = (text: string, place?: number, known = {}): string[] => suggestions(text, place, known).map((one) => one.text);

  it('name the fields where a token begins', () => {
    expect(at('')).to.include.members(['state:', 'queue:', 'payload.']);
    expect(at('state:dead na')).to.deep.equal(['name:']);
    expect(suggestions('x -na')).to.deep.equal([{ text: 'name:', from: 3, to: 5, says: suggestions('na')[0]?.says }]);
  });

  it('name the values behind a colon, also the one behind a comma', () => {
    expect(suggestions('state:de')).to.deep.equal(['delayed', 'dead', 'succeeded'].map((text) => ({ text, from: 6, to: 8 })));
    expect(suggestions('state:dead,ru')).to.deep.equal([{ text: 'running', from: 11, to: 13 }]);
    expect(at('queue:ma', undefined, { queue: ['email', 'mail', 'my mail*'] })).to.deep.equal(['mail', 'email', '"my mail*"']);
    expect(at('name:"my m', undefined, { name: ['my mail'] })).to.deep.equal(['"my mail"']);
  });

  it('look at the place of the cursor', () => {
    expect(suggestions('st name:x', 2)).to.deep.equal([{ text: 'state:', from: 0, to: 2, says: suggestions('st')[0]?.says }]);
  });

  it('put values into quotes that would be read in another way', () => {
    for (const value of ['a b', 'a,b', 'a"b\\', 'x*', ''])
      expect(parseSearch(`name:${quoted(value)}`).terms[0]?.values).to.deep.equal([{ text: value, isPrefix: false }]);
  });
});
