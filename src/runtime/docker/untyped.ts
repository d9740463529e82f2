import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';

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

type Call = Signal & { path: string; method: 'GET'; options?: object; statusCodes: object; isStream?: boolean };

const dial = <T>(docker: Docker, call: Call): Promise<T> =>
  new Promise((resolve, reject) => {
    const modem = docker.modem as { dial: (options: object, done: (error: unknown, data: unknown) => void) => void };
    modem.dial(call, (error, data) => (error ? reject(error) : resolve(data as T)));
  });

/** What dockerode's own `inspect` of an image does, but with the signal: that one drops it, and a hung call stays. */
export const inspectImage = (docker: Docker, ref: string, { abortSignal }: Signal): Promise<ImageInspectInfo> => {
  const statusCodes = { 200: true, 404: 'no such image', 500: 'server error' };
  return dial(docker, { path: `/images/${ref}/json`, method: 'GET', abortSignal, statusCodes });
};

/** 0 changed, 1 added, 2 removed. */
export type LayerChange = { Path: string; Kind: 0 | 1 | 2 };

const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' };

/** What differs from the image; no list when nothing does. dockerode's own call takes no signal. `id` is a full one. */
export const changesOf = (docker: Docker, id: string, { abortSignal }: Signal) =>
  dial<LayerChange[] | unknown>(docker, { path: `/containers/${id}/changes`, method: 'GET', abortSignal, statusCodes });

/** An inspect that also counts the bytes of the writable layer. */
export const inspectWithSize = (docker: Docker, id: string, { abortSignal }: Signal) => {
  const path = `/containers/${id}/json?size=true`;
  return dial<ContainerInspectInfo & { SizeRw?: number }>(docker, { path, method: 'GET', abortSignal, statusCodes });
};

/** dockerode's own `logs` reads all into memory unless it follows. `id` is a full one. */
export const openLogs = (docker: Docker, id: string, { tail, follow, abortSignal }: LogOptions) => {
  const options = { stdout: true, stderr: true, follow, tail: tail ?? 'all' };
  const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' };
  const path = `/containers/${id}/logs?`;
  return dial<IncomingMessage>(docker, { path, method: 'GET', options, abortSignal, statusCodes, isStream: true });
};
type LogOptions = Signal & { tail?: number | undefined; follow: boolean };
