import type { Phase } from '../model/status.ts';

const colours: Partial<Record<Phase, number>> = {
  Failed: 31,
  Unknown: 31,
  Pending: 33,
  Starting: 33,
  Running: 32,
  Elsewhere: 2,
};

/** The phase as a table cell: red needs a look, yellow is on its way, green runs. */
export const phaseCell = (phase: Phase, colour: boolean) => {
  const code = colour ? colours[phase] : undefined;
  return { text: phase, ...(code === undefined ? {} : { paint: (text: string) => `\u001b[${code}m${text}\u001b[0m` }) };
};
