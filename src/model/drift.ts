/**
 * What hands may be left to have changed on a container, by `drift.ignore`, as differences are called in plans and in
 * the status. `network`: which networks it is on; its address on ours is always its own.
 */
export const ignorable = ['resources.cpu', 'resources.memory', 'resources.pids', 'network'] as const;
export type Ignorable = (typeof ignorable)[number];
