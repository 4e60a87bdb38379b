// A shopkeeper of its own: the sample shop in a temporary folder, on a free port of this machine.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS_MAX = 1_200_000;
const STOP_MS_MAX = 15_000;
// A search that has no time left leaves facets out. What a busy machine takes is not what is tested.
const CONFIG = '[search]\ndeadline_ms = 10000\n';

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts a server, with what `config` adds to the shop's configuration; `shop.url` is where it answers, `shop.folder` where the shop lies, `shop.get(path)` its JSON, `shop.stop()` ends it. While
 * tests are written, SHOP=URL and SHOP_FOLDER=PATH take a running one instead.
 */
export async function startShop({ config = '' } = {}) {
  if (process.env.SHOP) return { url: process.env.SHOP, folder: process.env.SHOP_FOLDER, get: getter(process.env.SHOP), stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'shopkeeper-browser-'));
  await writeFile(join(folder, 'shopkeeper.toml'), CONFIG + config);
  const url = `http://127.0.0.1:${await freePort()}`;
  const listen = url.slice('http://'.length);
  const size = process.env.PRODUCTS ? ['--products', process.env.PRODUCTS] : [];
  const server = spawn(process.env.SHOPKEEPER, ['--shop', folder, 'serve', '--demo', ...size, '--listen', listen], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SHOPKEEPER_LOG: 'warn' },
  });
  let said = '';
  server.stderr.on('data', (text) => {
    said = (said + text).slice(-4_000);
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill('SIGTERM');
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(url, server, () => said);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, folder, get: getter(url), stop };
}

const getter = (url) => async (path) => {
  const answer = await fetch(url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

async function ready(url, server, said) {
  const deadline = Date.now() + READY_MS_MAX;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server ended:\n${said()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the server is not ready:\n${said()}`);
}
