// A Chromium of its own, with a fresh profile, and pages that fail the test when they fail.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SHOTS = join(import.meta.dirname, '..', 'shots');

/**
 * Starts a browser; `browser.page()` opens a page, `browser.stop()` ends it. A page counts the searches under way (`page.searching`) and
 * keeps what failed (`page.faults`).
 */
export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
  const page = async ({ width = 1280, height = 900 } = {}) => {
    const page = await browser.newPage({ viewport: { width, height } });
    page.setDefaultTimeout(60_000);
    page.faults = [];
    page.searching = 0;
    const isSearch = (request) => request.url().includes('/1/indexes/');
    page.on('request', (request) => (page.searching += Number(isSearch(request))));
    for (const end of ['requestfinished', 'requestfailed']) {
      page.on(end, (request) => (page.searching -= Number(isSearch(request))));
    }
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
    page.on('response', async (response) => {
      if (response.status() < 400) return;
      const body = await response.text().catch(() => '');
      page.faults.push(`${response.status()} ${response.url()} ${response.request().postData() ?? ''}: ${body}`);
    });
    return page;
  };
  return { page, stop: () => browser.close() };
}

/** Keeps a picture of the page, when somebody wants to look at it. */
export async function shot(page, name) {
  if (!process.env.SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}
