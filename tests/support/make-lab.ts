import { onTestFinished } from 'vitest';
import { openLab } from './lab.ts';

export { workspaceYaml } from './lab.ts';

/** A lab that ends with its test. `more` is YAML appended to its workdock.yaml. */
export function makeLab(more = '', env: Record<string, string> = {}) {
  const lab = openLab(more, env);
  onTestFinished(lab.dispose, 60_000);
  return lab;
}
