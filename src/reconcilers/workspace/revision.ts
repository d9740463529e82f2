import { digest } from '../../lib/json.ts';
import type { Desired, HomePlace } from '../../model/desired.ts';
import type { Fitted } from '../../model/fitted.ts';

const place = (home: HomePlace, source: string) => (home.kind === 'volume' ? `volume ${source}` : source);

const command = ({ command }: Desired) => (command.kind === 'Argv' ? JSON.stringify(command.argv) : command.kind);

/**
 * Everything that only a new container can change, as readable text by spec path. The spec hash covers exactly this;
 * limits, network, run state and policies are compared or applied live. Values of envFrom appear as a keyed digest.
 */
export function revisionFields(fitted: Omit<Fitted, 'hash' | 'clamps'>): Record<string, string> {
  const { identity, home, homeSource, mounts } = fitted;
  const env = Object.entries(fitted.env).map(([key, value]) => [`env.${key}`, value]);
  return {
    image: fitted.image.ref,
    command: command(fitted),
    owner: fitted.owner,
    user: `${identity.uid}:${identity.gid}`,
    'user.groups': [...new Set([...identity.groups, ...fitted.groups])].sort((a, b) => a - b).join(' '),
    'storage.home': `${place(home.place, homeSource)} on ${home.mountPath}`,
    'storage.mounts': mounts.map((m) => `${m.source}:${m.target}${m.readOnly ? ':ro' : ''}`).join(' '),
    'resources.shm': `${fitted.shmBytes}`,
    'security.profile': fitted.security.profile,
    envFrom: fitted.envFrom.length > 0 ? `${fitted.envFrom.join(' ')} ${fitted.envFromDigest.slice(0, 12)}` : '',
    ...Object.fromEntries(env),
  };
}

/** `v1:` and 24 hex digits. A later way of hashing gets another prefix, so that an upgrade recreates nobody. */
export const specHash = (fields: Record<string, string>): string => `v1:${digest(fields).slice(0, 24)}`;
