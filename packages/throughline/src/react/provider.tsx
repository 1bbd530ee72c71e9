// Default options for the sources below, and the place where they are counted.

import type { ReactNode } from "react";
import { createContext, useContext, useInsertionEffect, useState } from "react";
import { withDefaults } from "../client/define.js";
import type { ThroughlineOptions } from "./options.js";
import type { SourceRegistry } from "./source-registry.js";
import { createSourceRegistry } from "./source-registry.js";

/** What a provider gives to the hooks below. It never changes: new options render nothing again. */
export interface Scope {
  /** The options of the newest rendering, those of the inner provider over those of the outer. */
  options(): ThroughlineOptions;
  /** `undefined` where there is no provider. */
  readonly registry: SourceRegistry | undefined;
}

const NO_OPTIONS: ThroughlineOptions = {};

/** The scope of the nearest provider. */
export const ScopeContext = createContext<Scope>({
  options: () => NO_OPTIONS,
  registry: undefined,
});

/** Props of {@link ThroughlineProvider}. */
export interface ThroughlineProviderProps {
  /** Defaults for every source below; a source's own options win, one by one. Default: none. */
  readonly options?: ThroughlineOptions | undefined;
  readonly children?: ReactNode;
}

/**
 * Gives default options to all sources below, and counts them for `useConnectionStatus` and
 * `ConnectionStatus`.
 *
 * Options that change are used for the sources that open later, and the functions among them at
 * once; they never reconnect a source that is open, so an inline object is fine. A provider inside
 * another one takes over its options and adds its own; the outer one counts the sources of both. The
 * hooks work without a provider as well, except for the status of all sources together.
 */
export function ThroughlineProvider({
  options = NO_OPTIONS,
  children,
}: ThroughlineProviderProps): ReactNode {
  const outer = useContext(ScopeContext);
  const [scope] = useState(() => ({
    own: options,
    registry: createSourceRegistry(outer.registry),
    options(): ThroughlineOptions {
      return withDefaults(this.own, outer.options());
    },
  }));
  // An insertion effect comes before every effect that opens a source.
  useInsertionEffect(() => {
    scope.own = options;
  }, [scope, options]);
  return <ScopeContext.Provider value={scope}>{children}</ScopeContext.Provider>;
}
