const programs = new Set([
  'jupyter-lab',
  'jupyter-labhub',
  'jupyter-notebook',
  'jupyter-nbclassic',
  'jupyter-server',
  'jupyterhub-singleuser',
]);
const modules = new Set([
  'jupyterlab',
  'jupyter_server',
  'notebook',
  'nbclassic',
  'jupyterhub.singleuser',
  'jupyterlab.labhubapp',
]);
/** Sub-commands that print or build something and end. */
const errands =
  /^(?:list|stop|build|clean|paths?|extension|labextension|serverextension|password|workspaces?|licenses)$/;

const baseName = (path = '') => path.slice(path.lastIndexOf('/') + 1);

/** Names a process can have that may be a server: the script's, or its interpreter's. The kernel cuts them at 15. */
export const mayServe = (comm: string): boolean => /^(?:jupyter|python|pypy)/.test(comm);

/** Where, behind an interpreter and its own options, the script stands; or its `-m`. */
function scriptAt(words: string[]): number {
  let at = 1;
  while (words[at]?.startsWith('-') && words[at] !== '-m') {
    if (words[at] === '-c') return words.length;
    at += words[at] === '-X' || words[at] === '-W' ? 2 : 1;
  }
  return at;
}

/**
 * Whether a command line (`cmdline` of proc(5)) is a server that speaks Jupyter's protocol: one of its scripts, alone
 * or behind an interpreter, or `-m module`.
 */
export function servesKernels(cmdline: string): boolean {
  const words = cmdline.split('\0');
  const at = programs.has(baseName(words[0])) ? 0 : scriptAt(words);
  const byModule = words[at] === '-m';
  const serves = byModule ? modules.has(words[at + 1] ?? '') : programs.has(baseName(words[at]));
  return serves && !errands.test(words[at + (byModule ? 2 : 1)] ?? '');
}
