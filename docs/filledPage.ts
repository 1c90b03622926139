/** The page with each table as it is now, between the mark of its name and the mark of its end. */
export const filledPage = (page: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce((left, [name, table]) => {
    const [begin, end] = [`<!-- table: ${name} -->`, '<!-- end -->'];
    const from = left.indexOf(begin) + begin.length;
    return `${left.slice(0, from)}\n\n${table}\n\n${left.slice(left.indexOf(end, from))}`;
  }, page);
