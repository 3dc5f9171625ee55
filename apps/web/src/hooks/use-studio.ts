import { createContext, useContext, useSyncExternalStore } from "react";
import type { Store } from "../state/store.js";
import type { Studio } from "../state/studio.js";

const StudioContext = createContext<Studio | undefined>(undefined);

export const StudioProvider = StudioContext.Provider;

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error("a component stands outside the studio");
  return studio;
}

/** What `store` holds; the component follows it. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
