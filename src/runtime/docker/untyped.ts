import type Docker from 'dockerode';

/** Fields of `info` that workdock reads. */
export type Info = {
  ServerVersion: string;
  NCPU: number;
  MemTotal: number;
  CgroupVersion?: string;
  LiveRestoreEnabled: boolean;
  DockerRootDir: string;
  SwapLimit: boolean;
  PidsLimit: boolean;
  SecurityOptions?: string[];
  Warnings?: string[] | null;
};

type Signal = { abortSignal: AbortSignal };

/** Calls that take a signal in dockerode 5 while its types (4.0.2) know only a callback there. */
type Untyped = {
  version: (options: Signal) => Promise<{ ApiVersion: string; MinAPIVersion?: string }>;
  info: (options: Signal) => Promise<Info>;
  ping: (options: Signal) => Promise<unknown>;
};

export const untyped = (docker: Docker): Untyped => docker as unknown as Untyped;
