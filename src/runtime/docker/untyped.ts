import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';

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

/** What dockerode's own `inspect` of an image does, but with the signal: that one drops it, and a hung call stays. */
export const inspectImage = (docker: Docker, ref: string, { abortSignal }: Signal): Promise<ImageInspectInfo> =>
  new Promise((resolve, reject) => {
    const statusCodes = { 200: true, 404: 'no such image', 500: 'server error' };
    const call = { path: `/images/${ref}/json`, method: 'GET', abortSignal, statusCodes };
    const modem = docker.modem as { dial: (options: object, done: (error: unknown, data: unknown) => void) => void };
    modem.dial(call, (error, data) => (error ? reject(error) : resolve(data as ImageInspectInfo)));
  });
