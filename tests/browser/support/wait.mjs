// Waiting for a page without sleeping for luck.

import assert from 'node:assert/strict';

/** Waits until `is` says true. A text that it gives instead is told when it never does, and so are the faults of `page`. */
export async function until(what, is, { page, patience = 60_000 } = {}) {
  const deadline = Date.now() + patience;
  let last;
  while (Date.now() < deadline) {
    last = await is().catch((error) => error);
    if (last === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail([`${what}: ${last}`, ...(page?.faults ?? [])].join('\n'));
}
