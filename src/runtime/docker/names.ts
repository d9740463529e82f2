import { isName } from '../../model/name.ts';

/** What a container's name says about its part; names never say whose it is. */
export type Role = 'current' | 'aside' | 'other';

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names of one instance's containers: `ws-ada`, set aside `ws-ada.old.3`. No workspace name contains a dot. */
export const makeNames = (prefix: string) => ({
  current: (name: string) => `${prefix}${name}`,
  aside: (name: string, generation: number) => `${prefix}${name}.old.${generation}`,
  probe: (suffix: string) => `${prefix}.probe.${suffix}`,
  network: `${prefix}net`,
  /** For the engine's name filter, which is a regular expression over the name with or without its slash. */
  filter: (name: string) => `^/?${escaped(prefix + name)}(\\.old\\.[0-9]+)?$`,
  /** Of a container that another workspace had, under whatever name that was. */
  formerRole: (containerName: string): Role => {
    const former = containerName.startsWith(prefix) ? containerName.slice(prefix.length) : '';
    const [, aside] = /^[a-z][a-z0-9-]*(\.old\.[0-9]+)?$/.exec(former) ?? [];
    return aside !== undefined ? 'aside' : isName(former) ? 'current' : 'other';
  },
  role: (name: string, containerName: string): Role => {
    if (containerName === prefix + name) return 'current';
    return new RegExp(`^${escaped(prefix + name)}\\.old\\.[0-9]+$`).test(containerName) ? 'aside' : 'other';
  },
});

export type Names = ReturnType<typeof makeNames>;
