// A little site on a port of its own, as the site of a shop is: a page and its script, put together from the packages of this folder.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const PAGES = join(import.meta.dirname, '..', 'pages');

/** Serves `pages/NAME.html` with the script `pages/NAME.js`; `site.url` is where. */
export async function startSite(name) {
  const bundled = await build({
    entryPoints: [join(PAGES, `${name}.js`)],
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const script = bundled.outputFiles[0].text;
  const html = await readFile(join(PAGES, `${name}.html`), 'utf8');
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://site').pathname;
    if (path === '/script.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(script);
    } else if (path === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
    } else {
      response.writeHead(204).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  // By another name than the shop's, so that browsers take it for another site.
  return { url: `http://localhost:${port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}
