const linesOf = ({ start, end }) => Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index);

/**
 * Holds the length of functions that hold others: counts the lines of code of a function without those of the functions in it. A suite holds a
 * function for each test, so that the rule of ESLint itself would count all tests as one function. A function of one line counts where it stands.
 */
const maxOwnLines = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'object', properties: { max: { type: 'integer' } }, required: ['max'], additionalProperties: false }],
    messages: { tooLong: 'this function has {{count}} lines of its own, and at most {{max}} are allowed' },
  },
  create(context) {
    const [{ max }] = context.options;
    const withinOf = [];
    const enter = () => withinOf.push(new Set());
    const leave = (node) => {
      const within = withinOf.pop();
      const written = new Set(context.sourceCode.getTokens(node).flatMap(({ loc }) => linesOf(loc)));
      const count = [...written].filter((line) => !within.has(line)).length;
      if (count > max) context.report({ node, messageId: 'tooLong', data: { count, max } });
      const lines = linesOf(node.loc);
      if (lines.length > 1) lines.forEach((line) => withinOf.at(-1)?.add(line));
    };
    return { ':function': enter, ':function:exit': leave };
  },
};

/** Finds parameters whose value SQLite reads for its plan: it prepares such a statement anew at each run. */
const preparedOnce = {
  meta: { type: 'suggestion', schema: [], messages: { read: 'SQLite prepares this anew at each run; write an expression, such as LIMIT ? + 0' } },
  create(context) {
    const check = (node, text) => /\b(?:LIMIT|GLOB|LIKE)\s+\?\d*(?!\d)(?!\s*\+)/.test(text) && context.report({ node, messageId: 'read' });
    return { TemplateElement: (node) => check(node, node.value.raw), Literal: (node) => check(node, String(node.value)) };
  },
};

export default { rules: { 'max-own-lines': maxOwnLines, 'prepared-once': preparedOnce } };
