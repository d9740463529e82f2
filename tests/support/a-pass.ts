import { silentLog } from '../../src/lib/log.ts';
import type { Pass } from '../../src/model/result.ts';

/** A pass of no loop: nothing ever interrupts it, and it is never away. */
export const aPass = (): Pass => ({
  ...{ id: 'test-1', log: silentLog },
  ...{ signal: new AbortController().signal, news: new AbortController().signal },
  away: (work) => work(),
});
