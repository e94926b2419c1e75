import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Person } from './window.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly targets: string[];
}

/** What axe finds serious or critical on the page as it is. */
export async function seriousFaults(person: Person): Promise<Violation[]> {
  await person.page.evaluate(axe);
  const found = await person.page.evaluate<Violation[]>(
    `axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, targets: nodes.map((node) => node.target.join(' ')) })))`,
  );
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
