import type { Colors } from 'picocolors/types';
import type { Finding } from '../ports/examination';
import type { Column } from './renderTable';

/** The columns of findings. The word tells how bad it is, and the colour as well. */
export const doctorColumns = ({ green, yellow, red }: Colors): readonly Column<Finding>[] => [
  { head: 'check', cell: ({ check }) => check },
  { head: 'level', cell: ({ level }) => level, paint: (text, { level }) => ({ ok: green, warn: yellow, bad: red })[level](text) },
  { head: 'found', cell: ({ text }) => text },
];
