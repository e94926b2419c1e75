import { describeMachine } from '../../main/jobs/machine.ts';

/** The line of a report that says what its figures belong to. */
export function machineLine(): string {
  const facts = Object.entries(describeMachine()).map(([name, value]) => `${name} ${value}`);
  return `Machine: ${facts.join(', ')}.\n`;
}
