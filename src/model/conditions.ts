/** Condition types of a workspace. Names and reasons are a contract, listed in docs/reference/conditions.md. */
export const workspaceConditions = [
  'Ready',
  'SpecValid',
  'ImageReady',
  'UpdatePending',
  'UpdateAvailable',
  'Degraded',
  'Idle',
  'MountMissing',
  'NameTaken',
  'Conflict',
  'DeletionHeld',
  'DisruptionHeld',
  'SourceAbsent',
] as const;

/** Condition types of the host. */
export const hostConditions = [
  'EngineReachable',
  'SourceReady',
  'DataFolderMissing',
  'NetworkGuarded',
  'DiskPressure',
  'StatusPersisted',
] as const;

export type WorkspaceConditionType = (typeof workspaceConditions)[number];
export type HostConditionType = (typeof hostConditions)[number];

export type Condition<Type extends string = string> = {
  type: Type;
  status: 'True' | 'False' | 'Unknown';
  /** CamelCase, for programs. */
  reason: string;
  /** One sentence for people that says what to do when something is wrong. */
  message: string;
  /** Moves only when `status` changes. */
  lastTransitionTime: string;
  observedGeneration?: number;
};
