/** Returns the page with the current tables, each between the mark with its name and the end mark. */
export const filledPage = (page: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce((left, [name, table]) => {
    const [begin, end] = [`<!-- table: ${name} -->`, '<!-- end -->'];
    const from = left.indexOf(begin) + begin.length;
    return `${left.slice(0, from)}\n\n${table}\n\n${left.slice(left.indexOf(end, from))}`;
  }, page);
