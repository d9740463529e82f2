import Docker from 'dockerode';
import { describe, expect, test } from 'vitest';
import type { InstanceRecord, InstanceStore } from '../../src/model/store.ts';
import { makeDiskWatch } from '../../src/reconcilers/host/disk.ts';
import { makeHostReconcile } from '../../src/reconcilers/host/reconcile.ts';
import { makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { openEngine } from '../support/engine.ts';
import { iptables, openFirewall } from '../support/guard.ts';
import { until } from '../support/until.ts';

function makeInstance(uid: string): InstanceStore {
  let record: InstanceRecord = { schemaVersion: 1, uid, key: 'k', createdAt: '', addresses: {} };
  return {
    get: () => record,
    update: async (change) => {
      record = change(record);
      return record;
    },
  };
}

/** The host reconciler on the real engine, before anything of this instance exists. */
async function openHost({ subnet = null as string | null, keepNetwork = false } = {}) {
  const engine = await openEngine();
  if (!keepNetwork) await engine.docker.getNetwork(engine.network.name).remove();
  const instance = makeInstance(engine.instanceUid);
  const deps = {
    firewall: openFirewall(engine.instanceUid),
    disk: makeDiskWatch(),
    instance,
    prefix: engine.prefix,
    subnet,
    folders: [engine.data],
    entries: () => [],
  };
  const look = makeHostReconcile({ ...deps, runtime: engine.runtime });
  /** Two instances that choose at the same moment choose the same; the engine refuses one, which chooses again. */
  const settled = () =>
    until(
      async () => {
        const report = await look();
        return report.network && report;
      },
      { deadlineMs: 30_000 },
    );
  return { ...engine, deps, instance, look, settled };
}
type Report = Awaited<ReturnType<Awaited<ReturnType<typeof openHost>>['look']>>;
const said = ({ findings }: Report) => findings.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

describe('the host', () => {
  test('gets a network on a free subnet and rules, remembers it, and is left alone then', async () => {
    const { settled, look, instance, docker, instanceUid } = await openHost();
    const first = await settled();
    expect(said(first)).toEqual([
      'EngineReachable True Answers',
      'NetworkGuarded True Guarded',
      'DiskPressure False EnoughSpace',
    ]);
    expect(instance.get().subnet).toBe(first.network?.subnet);
    const inspect = async () => docker.getNetwork(first.network?.name ?? '').inspect();
    const made = await inspect();
    expect(made).toMatchObject({
      EnableIPv6: false,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: instance.get().subnet }] },
    });
    const rules = async () => (await iptables('-S')).split('\n').filter((rule) => rule.includes(instanceUid));
    const before = await rules();
    expect((await look()).network).toEqual(first.network);
    expect([(await inspect()).Id, await rules()]).toEqual([made.Id, before]);
  });

  test('puts back a network and rules that somebody removed', async () => {
    const { settled, look, docker, instanceUid } = await openHost();
    const { network } = await settled();
    await docker.getNetwork(network?.name ?? '').remove();
    await iptables(
      '-D',
      'INPUT',
      ...`-i ${network?.bridge} -m comment --comment workdock:${instanceUid} -j WD-${instanceUid.slice(0, 8)}-IN`.split(
        ' ',
      ),
    );
    const report = await look();
    expect([said(report)[1], report.network]).toEqual(['NetworkGuarded True Guarded', network]);
    expect((await docker.getNetwork(network?.name ?? '').inspect()).Driver).toBe('bridge');
  });

  test('refuses a configured subnet that a route claims, and makes nothing', async () => {
    const bridge = await new Docker().getNetwork('bridge').inspect();
    const { look, docker, prefix } = await openHost({ subnet: bridge.IPAM?.Config?.[0]?.Subnet ?? '' });
    const report = await look();
    expect([said(report)[1], report.network]).toEqual(['NetworkGuarded False SubnetOverlaps', null]);
    expect(report.findings[1]?.message).toContain('network.subnet');
    expect(await docker.listNetworks({ filters: { name: [`${prefix}net`] } })).toEqual([]);
  });

  test('leaves a network of its name alone that is not as wanted, and says so', async () => {
    const { look, docker, network } = await openHost({ keepNetwork: true, subnet: '10.250.250.0/24' });
    const before = await docker.getNetwork(network.name).inspect();
    const report = await look();
    expect([said(report)[1], report.network]).toEqual(['NetworkGuarded False NetworkUnusable', null]);
    expect((await docker.getNetwork(network.name).inspect()).Id).toBe(before.Id);
  });

  test('says that nothing is known of the guard while the engine is away', async () => {
    const { deps, prefix, instanceUid } = await openHost();
    const connection = { socketPath: '/nonexistent/engine.sock' };
    const away = makeDockerRuntime({ instanceUid, prefix, mountRoots: [], secrets: async () => ({}), connection });
    const report = await makeHostReconcile({ ...deps, runtime: away })();
    expect(said(report).slice(0, 2)).toEqual([
      'EngineReachable False Unreachable',
      'NetworkGuarded Unknown EngineUnreachable',
    ]);
    expect([report.capabilities, report.network]).toEqual([undefined, null]);
  });
});
