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

const baseName = (path = '') => path.slice(path.lastIndexOf('/') + 1);

/** Names a process can have that may be a server: the script's own, or its interpreter's (kernel names are cut at 15). */
export const mayServe = (comm: string): boolean => /^(?:jupyter|python|pypy)/.test(comm);

/**
 * Whether a command line (`cmdline` of proc(5)) is a server that speaks Jupyter's protocol: one of its scripts, alone or
 * behind an interpreter, or `-m module`. Its sub-commands that only print or build do not count.
 */
export function servesKernels(cmdline: string): boolean {
  const words = cmdline.split('\0');
  const start = programs.has(baseName(words[0])) ? 0 : words.findIndex((word, at) => at > 0 && !isOption(word));
  if (start < 0) return moduleOf(words);
  if (programs.has(baseName(words[start]))) return !isErrand(words[start + 1]);
  return moduleOf(words);
}

const isOption = (word: string) => word.startsWith('-');
const isErrand = (word = '') =>
  /^(?:list|stop|build|clean|path|paths|extension|labextension|serverextension|password|workspaces?|licenses)$/.test(
    word,
  );

function moduleOf(words: string[]): boolean {
  const at = words.indexOf('-m');
  return at > 0 && modules.has(words[at + 1] ?? '') && words.slice(1, at).every(isOption) && !isErrand(words[at + 2]);
}
