import { STYLE_ELEMENT } from './pageStyle';

/** The page loads its own files and asks its own server; nothing stands in it that runs. */
export const DASHBOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What stands at the place of the page where its files are missing: in a checkout that is not built, or in a bundle. */
export const UNBUILT_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Holdfast</title>${STYLE_ELEMENT}</head>
  <body>
    <h1>Holdfast</h1>
    <p>The dashboard is not built here. In a checkout, <code>npm run build</code> builds it.</p>
    <p><a href="plain/">The queues of the broker</a> · <a href="docs">API</a></p>
  </body>
</html>
`;
