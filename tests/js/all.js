/** All tests in one process, as most of the time of each would go into loading what a page needs. */
import { readdirSync } from 'node:fs';

const names = readdirSync(import.meta.dirname, { recursive: true });
for (const name of names.sort()) {
  if (name.endsWith('.test.js')) await import(`./${name}`);
}
