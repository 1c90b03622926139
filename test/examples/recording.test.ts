import { expect } from 'chai';
import { animate } from '../../examples/challenges/recording/animate';
import { Screen } from '../../examples/challenges/recording/screen';
import { drawLoads } from '../../examples/challenges/measure/loadChart';

describe('A recording of a terminal', () => {
  it('shows a line from when it was written to when it was written over', () => {
    const screen = new Screen();
    screen.write('$ demo\n', 0);
    screen.write('1 left', 1);
    screen.write('\r\u001b[K0 left', 2);
    screen.write('\ndone & <over>\n', 3);
    expect(screen.lines).to.deep.equal([
      { row: 0, text: '$ demo', from: 0, until: null },
      { row: 1, text: '1 left', from: 1, until: 2 },
      { row: 1, text: '0 left', from: 2, until: null },
      { row: 2, text: 'done & <over>', from: 3, until: null },
    ]);
    const svg = animate(screen.lines, screen.rows, 3);
    expect(svg).to.include('>done &amp; &lt;over></text>');
    expect(svg).to.include('@keyframes l1 { 0% { visibility: hidden } 6.67% { visibility: visible } 13.33% { visibility: hidden }');
  });
});

describe('The chart of a service under load', () => {
  it('has a line for each service in each of its three parts', () => {
    const loads = [1, 2].map((atOnce) => ({ atOnce, perSecond: 10 * atOnce, p50: 5, p99: 9, errors: 0 }));
    const svg = drawLoads([
      { title: 'one', loads },
      { title: 'another', loads },
    ]);
    expect(svg.match(/<polyline/g)).to.have.length(6);
    expect(svg).to.not.include('NaN');
  });
});
