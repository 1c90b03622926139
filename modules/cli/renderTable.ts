import Table from 'cli-table3';
import { clipText } from '../values/clipText';
import { oneLine } from '../values/oneLine';

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | number | null | undefined;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Left out where the table would be wider than the terminal. */
  readonly isOptional?: boolean;
  /** Colours a cell whose text is already safe. */
  readonly paint?: (text: string, row: Row) => string;
}

/** How a table is shown. */
export interface TableForm {
  /** The columns of the terminal, or undefined where there is none. */
  readonly width: number | undefined;
  readonly bold?: (text: string) => string;
}

/** A terminal has few lines: none of them between two rows. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** Most characters of a cell, and the fewest that a column is narrowed to. */
const CELL_CHARACTERS = 400;
const NARROWEST = 6;

/**
 * Formats rows as a table that is no wider than the terminal: columns that can be missed are left out, the widest are cut. Whatever a cell holds is
 * shown on one line, as text: control characters and marks of direction as their escapes.
 */
export function renderTable<Row>(given: readonly Column<Row>[], rows: readonly Row[], { width = Infinity, bold = String }: TableForm): string {
  const columns = [...given];
  for (;;) {
    const natural = drawTable(columns, rows, bold);
    const widths = widthsOf(natural);
    if (totalOf(widths) <= width) return natural;
    const missed = columns.findLastIndex(({ isOptional }) => isOptional);
    if (missed < 0) return drawTable(columns, rows, bold, narrowed(widths, width));
    columns.splice(missed, 1);
  }
}

function drawTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], bold: (text: string) => string, colWidths?: number[]): string {
  const colAligns = columns.map(({ isNumber }) => (isNumber ? ('right' as const) : ('left' as const)));
  const form = { colAligns, style: { head: [], border: [] }, chars: COMPACT, ...(colWidths ? { colWidths } : {}) };
  const table = new Table({ head: columns.map(({ head }) => bold(head)), ...form });
  const drawn = ({ cell, paint = String }: Column<Row>, row: Row): string => paint(safeCell(cell(row)), row);
  table.push(...rows.map((row) => columns.map((column) => drawn(column, row))));
  return table.toString();
}

/** Returns a text as a cell shows it. */
export const safeCell = (value: string | number | null | undefined): string => clipText(oneLine(String(value ?? '')), CELL_CHARACTERS);

/** The first line of a table is its border, which tells the width of each column. */
const widthsOf = (table: string): number[] =>
  (table.split('\n', 1)[0] ?? '')
    .slice(1, -1)
    .split('┬')
    .map((part) => part.length);

const totalOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, widths.length + 1);

/** Takes from the widest column until the table fits, or no column can be narrower. */
function narrowed(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (;;) {
    const widest = Math.max(...widths);
    if (totalOf(widths) <= width || widest <= NARROWEST) return widths;
    const [second = NARROWEST] = widths.filter((one) => one < widest).sort((a, b) => b - a);
    const at = widths.indexOf(widest);
    widths[at] = Math.max(NARROWEST, Math.min(widest - 1, Math.max(second, widest - (totalOf(widths) - width))));
  }
}
