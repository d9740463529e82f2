/** Whether the controller of that name takes it: a spec that names no instance is for any. */
export const isTakenBy = (desired: { instance?: string } | undefined, instance: string): boolean =>
  (desired?.instance ?? instance) === instance;
