import type { Desired } from '../../src/model/desired.ts';
import type { Fitted } from '../../src/model/fitted.ts';
import { revisionFields, specHash } from '../../src/reconcilers/workspace/revision.ts';

/** A plain, complete Desired; tests name only the fields they are about. */
export const aDesired = (over: Partial<Desired> = {}): Desired => ({
  name: 'ada',
  labels: {},
  owner: 'ada',
  state: 'Running',
  image: { ref: 'workdock-test:latest', pullPolicy: 'IfNotPresent' },
  command: { kind: 'Keep' },
  env: {},
  envFrom: [],
  groups: [],
  limits: { nanoCpus: 5e8, memoryBytes: 256 * 2 ** 20, pids: 128 },
  shmBytes: 64 * 2 ** 20,
  home: { place: { kind: 'folder', name: 'ada' }, mountPath: '/home/user', shared: false },
  mounts: [],
  network: { mode: 'internet', allow: [] },
  security: { profile: 'restricted' },
  idle: { enabled: true, mode: 'Enforce', timeoutMs: 1_800_000, cpuBelow: 0.1, warnBeforeMs: 0 },
  stopGraceSeconds: 5,
  restartPolicy: 'OnFailure',
  updatePolicy: 'OnStop',
  adopt: false,
  drift: 'Heal',
  suspend: false,
  deletionPolicy: 'Retain',
  deletionProtection: false,
  ...over,
});

/** The same after fitting; the hash follows from the fields unless it is given. */
export function aFitted(over: Partial<Fitted> = {}): Fitted {
  const online = over.network?.mode !== 'none';
  const body = {
    ...aDesired(),
    identity: { uid: 20001, gid: 20001, groups: [] },
    homeSource: '/data/users/ada',
    networkName: online ? 'ws-net' : null,
    address: online ? '10.99.0.2' : null,
    envFromDigest: '',
    clamps: [],
    ...over,
  };
  return { ...body, hash: over.hash ?? specHash(revisionFields(body)) };
}
