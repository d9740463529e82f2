import { sameJson } from '../../../lib/json.ts';
import type { Limits } from '../../../model/desired.ts';
import { type Container, isHandMade } from '../../../model/observed.ts';
import type { Target } from '../../../model/target.ts';
import { isUp } from '../facts.ts';
import { leftToHands } from '../live-fields.ts';
import type { Rule } from '../plan.ts';

/** Headroom over what is in use: cgroup v1 refuses a limit below usage, v2 may kill. */
const HEADROOM = 1.1;

const limitOf = { 'resources.cpu': 'nanoCpus', 'resources.memory': 'memoryBytes', 'resources.pids': 'pids' } as const;

/** Memory is not lowered into what running processes use, nor a limit set that hands took away: not before they end. */
export function memoryWaits({ fitted: { limits } }: Target, c: Container): boolean {
  const lowering = c.limits.memoryBytes <= 0 || limits.memoryBytes < c.limits.memoryBytes;
  return isUp(c) && lowering && (c.memoryInUseBytes ?? 0) * HEADROOM > limits.memoryBytes;
}

/**
 * The limits to apply now. What waits or is left to hands is not among them: to say its present value again could still
 * change it (memory with swap).
 */
function applicableLimits(target: Target, c: Container): Partial<Limits> {
  const now: Partial<Limits> = { ...target.fitted.limits };
  if (memoryWaits(target, c)) delete now.memoryBytes;
  for (const field of leftToHands(target, c)) if (field !== 'network') delete now[limitOf[field]];
  return now;
}

/** It is on our network under an address that is not its own. */
export const isMisplaced = ({ fitted: { address } }: Target, c: Container): boolean =>
  address !== null && c.address !== null && c.address !== address;

/** Limits and networks change on the container as it is, running or not. */
export const liveRule: Rule = (target, { current }) => {
  const { fitted } = target;
  if (!current) return undefined;
  const limits = applicableLimits(target, current);
  const why = current.restartPolicy === undefined ? 'other limits' : 'the engine would restart it by itself';
  if (!sameJson({ ...current.limits, ...limits }, current.limits) || current.restartPolicy !== undefined)
    return { op: 'update', id: current.id, limits, why };
  // Who is in one that was taken over came by its own network, as by a published port: that ends with the container.
  if (isHandMade(current)) return undefined;
  const misplaced = isMisplaced(target, current);
  if (leftToHands(target, current).includes('network')) {
    const alone = current.networks.join() === fitted.networkName;
    // In one step: off the network for a moment it would be left off it.
    return alone && misplaced
      ? { op: 'connect', id: current.id, fitted, why: `address ${current.address} is not its own` }
      : undefined;
  }
  const extra = current.networks.find((network) => network !== fitted.networkName || misplaced);
  if (extra !== undefined) {
    const why = extra === fitted.networkName ? `address ${current.address} is not its own` : 'not its network';
    return { op: 'disconnect', id: current.id, network: extra, why };
  }
  if (fitted.networkName !== null && !current.networks.includes(fitted.networkName)) {
    return { op: 'connect', id: current.id, fitted, why: 'not on the workspace network' };
  }
  return undefined;
};
