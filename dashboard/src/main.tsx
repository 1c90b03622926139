import { render } from 'preact';
import { listenToKeys } from './keys/keyboard';
import { link } from './live/link';
import { followSession } from './live/session';
import { Shell } from './shell/shell';
import 'uplot/dist/uPlot.min.css';
import './styles/main.css';

listenToKeys();
link.start();
followSession();
render(<Shell />, document.getElementById('page') as HTMLElement);
