import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { makeFirewall } from '../../src/reconcilers/host/firewall.ts';
import { dropGuard } from './drop-guard.ts';

export { dropGuard, iptables } from './drop-guard.ts';

/** The real firewall for the instance of a test; its rules go with the test. */
export function openFirewall(instanceUid: string) {
  onTestFinished(() => dropGuard(instanceUid), 60_000);
  return makeFirewall({ instanceUid, clock: systemClock });
}
