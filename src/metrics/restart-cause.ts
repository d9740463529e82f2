import type { EndReason } from '../model/status.ts';

/** Who ended the run before: few and fixed, because each is a series of every workspace from the start on. */
export const restartCauses = ['itself', 'person', 'controller', 'host'] as const;
export type RestartCause = (typeof restartCauses)[number];

const causes: Record<EndReason, RestartCause> = {
  Crashed: 'itself',
  Completed: 'itself',
  OOMKilled: 'itself',
  StoppedByPerson: 'person',
  StoppedBySpec: 'person',
  FileRemoved: 'person',
  RestartedByPerson: 'person',
  StoppedByHand: 'person',
  RemovedByHand: 'person',
  IdleStop: 'controller',
  Updated: 'controller',
  HostRestarted: 'host',
  EngineRestarted: 'host',
  EndedWhileAway: 'host',
};

/** An end that nobody knows the reason of is its own. */
export const causeOf = (reason: EndReason | undefined): RestartCause =>
  reason === undefined ? 'itself' : causes[reason];
