import { WorkdockError } from '../lib/errors.ts';
import type { Io } from './io.ts';
import { type FoundUnit, putFile } from './service-files.ts';
import type { ServicePlace } from './service-place.ts';
import { isUntouched } from './service-unit.ts';

/** @throws REFUSED for a unit that is not as `install` wrote it. */
export function refuseEdited(found: FoundUnit, { unit, at, service }: ServicePlace): void {
  if (found.kind === 'absent' || (found.kind === 'file' && isUntouched(found.text))) return;
  if (found.kind === 'link') {
    const isMasked = found.to === '/dev/null';
    const hint = isMasked ? `systemctl unmask ${service}` : 'remove the link, or use --force';
    throw new WorkdockError('REFUSED', `${at(unit)} is ${isMasked ? 'masked' : `a link to ${found.to}`}`, { hint });
  }
  const hint = `move your changes into a drop-in (systemctl edit ${service}), or use --force: the old unit is kept too`;
  throw new WorkdockError('REFUSED', `${at(unit)} was edited, or is not from \`workdock service install\``, { hint });
}

/** A unit of somebody else's making stays readable under a name that systemd does not take for one. */
export function keepOld(found: FoundUnit, path: string, io: Io): void {
  if (found.kind !== 'file' || isUntouched(found.text)) return;
  const kept = `${path}.before-${new Date(io.now()).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  putFile(kept, found.text);
  io.out(`${'kept'.padEnd(8)}  ${kept}`);
}

/** The lines that are gone and that are new, comments apart. */
export function difference(before: string, after: string): string[] {
  const [old, fresh] = [before, after].map((text) => text.split('\n').filter((line) => /^[A-Za-z]/.test(line)));
  const gone = old!.filter((line) => !fresh!.includes(line)).map((line) => `- ${line}`);
  return [...gone, ...fresh!.filter((line) => !old!.includes(line)).map((line) => `+ ${line}`)];
}
