import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Families, type Family, families } from './families.ts';

type Named<Type extends Family['type']> = {
  [Name in keyof Families]: Families[Name]['type'] extends Type ? Name : never;
}[keyof Families];
type LabelOf<Name extends keyof Families> = Families[Name]['labels'][number];

/** A registry of our own: what other code of this process registers elsewhere is not shown. Each family once. */
export function makeRegistry() {
  const registry = new Registry();
  const options = <Name extends keyof Families>(name: Name) => {
    const { labels, help }: Family = families[name];
    return { name, help, labelNames: [...labels] as LabelOf<Name>[], registers: [registry] };
  };
  return {
    gauge: <Name extends Named<'gauge'>>(name: Name) => new Gauge<LabelOf<Name>>(options(name)),
    counter: <Name extends Named<'counter'>>(name: Name) => new Counter<LabelOf<Name>>(options(name)),
    histogram: <Name extends Named<'histogram'>>(name: Name) =>
      new Histogram<LabelOf<Name>>({ ...options(name), buckets: [...families[name].buckets] }),
    text: (): Promise<string> => registry.metrics(),
    /** Names of what was registered, to hold them against the families. */
    names: (): string[] => registry.getMetricsAsArray().map(({ name }) => name),
  };
}
export type MetricsRegistry = ReturnType<typeof makeRegistry>;
