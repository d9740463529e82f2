import type { RuntimeHint } from '../model/runtime.ts';

type Controller = {
  event: (name: string, trigger: string) => void;
  resyncAll: (trigger: string) => void;
};
type Deps = {
  watch: (onHint: (hint: RuntimeHint) => void) => { close: () => void };
  controller: Controller;
  /** For the condition EngineReachable. */
  onReach: (reachable: boolean, message: string) => void;
  /** The stream is alive; `atMs`: when what it told happened, by the engine's clock. */
  onSign: (atMs?: number) => void;
};

/** The engine's events as hints. After every reconnect everything is looked at: what happened in between is unknown. */
export const makeEngineSource = ({ watch, controller, onReach, onSign }: Deps): { close: () => void } =>
  watch((hint) => {
    if (hint.kind !== 'lost') onSign(hint.kind === 'workspace' ? hint.atMs : undefined);
    switch (hint.kind) {
      case 'workspace':
        controller.event(hint.name, `engine: ${hint.action}`);
        break;
      case 'reconnected':
        onReach(true, 'connected');
        controller.resyncAll('engine: reconnected');
        break;
      case 'lost':
        onReach(false, hint.message);
    }
  });
