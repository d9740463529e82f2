import { parseSubnet } from '../lib/ipv4.ts';
import type { Config } from '../model/config.ts';
import { instancePattern, instanceRule } from './fields.ts';
import { defaultsComplaints } from './resolve.ts';
import { isWithin, notNormal } from './rules/paths.ts';
import type { Complaint } from './rules/rule.ts';
import { sourceComplaints } from './source-values.ts';

const instance = new RegExp(instancePattern);

/** Everything wrong with a config that its schema cannot see, by its path. `realFolder` resolves symlinks. */
export function configComplaints(config: Config, realFolder: (path: string) => string): Complaint[] {
  return [
    ...(config.source ? sourceComplaints(config.source) : folders(config, realFolder)),
    ...numbers(config),
    ...(instance.test(config.instance) ? [] : [{ path: 'instance', message: `instance must be ${instanceRule}` }]),
    ...config.mountRoots.flatMap((root, index) => notNormal(`mountRoots.${index}`, root)),
    ...defaultsComplaints(config).map((each) => ({ ...each, path: each.path.replace(/^spec\./, 'defaults.') })),
  ];
}

/** What the controller writes must not be read as specs, and what users write in their homes neither. */
function folders({ specs, state, data }: Config, real: (path: string) => string): Complaint[] {
  return specs.flatMap((folder): Complaint[] => {
    const inside = (path: string) => isWithin(real(path), real(folder));
    if (inside(state))
      return [{ path: 'state', message: `the state folder ${state} lies in the specs folder ${folder}` }];
    if (inside(data)) return [{ path: 'data', message: `the data folder ${data} lies in the specs folder ${folder}` }];
    if (isWithin(real(folder), real(`${data}/.workdock`))) {
      const message = `the specs folder ${folder} lies among the records of the data folder`;
      return [{ path: 'specs', message, suggestion: 'those are read by themselves; name another folder' }];
    }
    if (!isWithin(real(folder), real(`${data}/users`))) return [];
    return [{ path: 'specs', message: `the specs folder ${folder} lies among the homes, where users write` }];
  });
}

function numbers({ uidRange, users, network, resyncMs, settleMs, idle, deletion, guard }: Config): Complaint[] {
  const complaints: Complaint[] = [];
  if (uidRange.last < uidRange.first) complaints.push({ path: 'uidRange', message: 'uidRange ends before it begins' });
  const owners = new Map<number, string>();
  for (const [owner, { uid }] of Object.entries(users)) {
    const other = owners.get(uid);
    if (other !== undefined)
      complaints.push({ path: `users.${owner}.uid`, message: `${other} has uid ${uid} already` });
    owners.set(uid, owner);
  }
  if (network.subnet !== null) {
    const subnet = parseSubnet(network.subnet);
    if (!subnet) complaints.push({ path: 'network.subnet', message: `${network.subnet} is not a subnet` });
  }
  if (resyncMs < 1_000) complaints.push({ path: 'resync', message: 'resync must be at least 1s' });
  if (settleMs < 10 || settleMs > 60_000) complaints.push({ path: 'settle', message: 'settle must be 10ms to 1m' });
  if (deletion.graceMs < 1_000)
    complaints.push({ path: 'deletion.grace', message: 'deletion.grace must be at least 1s' });
  if (deletion.removeAfterMs < 1_000)
    complaints.push({ path: 'deletion.removeAfter', message: 'deletion.removeAfter must be at least 1s' });
  if (guard.windowMs < 1_000) complaints.push({ path: 'guard.window', message: 'guard.window must be at least 1s' });
  const { intervalMs, maxKeepMs } = idle;
  if (intervalMs < 100) complaints.push({ path: 'idle.interval', message: 'idle.interval must be at least 100ms' });
  if (maxKeepMs < 1_000) complaints.push({ path: 'idle.maxKeep', message: 'idle.maxKeep must be at least 1s' });
  return complaints;
}
