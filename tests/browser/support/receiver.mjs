// A server of somebody else: it gives files to whoever polls them, and keeps what webhooks tell it.

import { createServer } from 'node:http';

/** Serves `files` by their paths; `receiver.address` is where, `receiver.told` what was posted to it. */
export async function startReceiver(files = {}) {
  const told = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const file = files[request.url];
      response.writeHead(file ? 200 : 404).end(file ?? '');
      return;
    }
    const parts = [];
    for await (const part of request) parts.push(part);
    told.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(200).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { address: `127.0.0.1:${server.address().port}`, told, stop };
}
