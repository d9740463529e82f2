import type { Desired, Origins } from '../../model/desired.ts';
import type { Capabilities, Clamp, Fitted, Identity } from '../../model/fitted.ts';
import { revisionFields, specHash } from './revision.ts';

/** What the host gave this workspace: numbers, places and digests that no spec contains. */
export type Allotment = {
  identity: Identity;
  homeSource: string;
  networkName: string;
  address: string;
  envFromDigest: string;
};

type Outcome = { ok: true; fitted: Fitted } | { ok: false; message: string };

const gib = (bytes: number) => `${Math.round((bytes / 2 ** 30) * 10) / 10}Gi`;
const isDefault = (origin: string | undefined) => origin === undefined || origin === 'built-in' || origin === 'config';

/**
 * Desired to what this host can do. Written in a file and impossible is refused; from a default it is clamped.
 * Pure. Docker 20.10 answers 400 "Range of CPUs is from 0.01 to N" above the host's CPUs; memory above the host's is
 * accepted by the engine, but promises what is not there.
 */
export function fit(desired: Desired, origins: Origins, host: Capabilities, allotment: Allotment): Outcome {
  const clamps: Clamp[] = [];
  const refusals: string[] = [];
  const cap = (field: string, wanted: number, most: number, show: (n: number) => string) => {
    if (wanted <= most) return wanted;
    const message = `${field} ${show(wanted)} is more than this host has (${show(most)})`;
    if (isDefault(origins[`spec.${field}`])) clamps.push({ field, wanted, given: most, message });
    else refusals.push(`${message}; lower it in ${origins[`spec.${field}`]}`);
    return most;
  };
  const nanoCpus = cap('resources.cpu', desired.limits.nanoCpus, host.cpus * 1e9, (n) => `${n / 1e9}`);
  const memoryBytes = cap('resources.memory', desired.limits.memoryBytes, host.memoryBytes, gib);
  if (refusals.length > 0) return { ok: false, message: refusals.join('; ') };
  const online = desired.network.mode === 'internet';
  const body = {
    ...desired,
    limits: { ...desired.limits, nanoCpus, memoryBytes },
    ...allotment,
    networkName: online ? allotment.networkName : null,
    address: online ? allotment.address : null,
  };
  return { ok: true, fitted: { ...body, hash: specHash(revisionFields(body)), clamps } };
}
