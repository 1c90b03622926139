import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8883; --mark: #0a7d4f; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1rem 1.5rem 3rem; max-width: 84rem; }
h1 { font-size: 1.25rem; } h1 a { color: inherit; text-decoration: none; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; } .dim { opacity: .65; } .chosen { font-weight: 600; }
code, pre, textarea { font: 12.5px/1.4 ui-monospace, monospace; } td pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 9rem; overflow: auto; }
tr.current { background: var(--soft); } nav { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; margin: .6rem 0; }
form { display: inline; } form.wide { display: block; max-width: 44rem; } textarea { width: 100%; min-height: 9rem; box-sizing: border-box; }
button, .button { font: inherit; padding: .2rem .7rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--soft); color: inherit; text-decoration: none; cursor: pointer; }
.waiting { color: var(--mark); } .in-flight { color: #b8860b; } label { display: block; margin: .6rem 0; }
`;

const hash = createHash('sha256').update(STYLE).digest('base64');

/** The one style sheet of the page. It stands in the page itself, and the browser takes no other: the policy has the hash of these very characters. */
export const STYLE_ELEMENT = `<style>${STYLE}</style>`;

/** No script runs on the page, nothing is loaded from elsewhere, and its forms go to this server. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
