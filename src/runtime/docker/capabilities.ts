import { access } from 'node:fs/promises';
import type { Capabilities } from '../../model/fitted.ts';
import type { Engine } from './connect.ts';
import { type Info, untyped } from './untyped.ts';

function warnings(info: Info): string[] {
  const own = [
    [!info.LiveRestoreEnabled, 'live-restore is off: workspaces stop when the engine restarts'],
    [!info.SwapLimit, 'the kernel does not count swap: memory limits can be exceeded into swap'],
    [!info.PidsLimit, 'the kernel cannot limit processes'],
    [!info.SecurityOptions?.some((option) => option.includes('seccomp')), 'the engine has no seccomp'],
    [info.SecurityOptions?.some((option) => option.includes('userns')), 'user namespaces: homes need mapped owners'],
  ] as const;
  return [...own.flatMap(([wrong, text]) => (wrong ? [text] : [])), ...(info.Warnings ?? [])];
}

/** What this engine can do. Asked again on every call: an engine can come back as another version. */
export function makeCapabilities(engine: Engine) {
  let countsSwap: boolean | undefined;
  const info = async (): Promise<Info> => {
    const all = await engine.read('info', (docker, abortSignal) => untyped(docker).info({ abortSignal }));
    countsSwap = all.SwapLimit;
    return all;
  };
  return {
    countsSwap: async (): Promise<boolean> => countsSwap ?? (await info()).SwapLimit,
    capabilities: async (): Promise<Capabilities> => {
      const [facts, apiVersion] = [await info(), await engine.apiVersion()];
      const isHere = await access(facts.DockerRootDir).then(
        () => true,
        () => false,
      );
      return {
        engine: facts.ServerVersion,
        apiVersion,
        cpus: facts.NCPU,
        memoryBytes: facts.MemTotal,
        cgroupVersion: facts.CgroupVersion === '2' ? 2 : 1,
        liveRestore: facts.LiveRestoreEnabled,
        ...(isHere ? { rootDir: facts.DockerRootDir } : {}),
        warnings: warnings(facts),
      };
    },
  };
}
