import { Store } from "./store.js";

export type Theme = "system" | "light" | "dark";

/** What this browser keeps for the next visit. A token is not among it. */
export interface Memory {
  readonly name: string;
  readonly roomName: string;
  readonly deviceId: string;
  readonly theme: Theme;
}

const KEY = "roomtone.studio";
const nothing: Memory = { name: "", roomName: "", deviceId: "", theme: "system" };
const MAX_CHARS = 256;

type KeyValueStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface RememberedStore extends Store<Memory> {
  /** Clears what is kept; the theme goes on until the page is left. */
  forget(): void;
}

/** Keeps `Memory` in `storage`, where the browser lets it. */
export class MemoryStore extends Store<Memory> implements RememberedStore {
  readonly #storage: KeyValueStorage | undefined;

  constructor(storage: KeyValueStorage | undefined) {
    super(read(storage));
    this.#storage = storage;
  }

  override set(value: Memory): void {
    super.set(value);
    attempt(() => this.#storage?.setItem(KEY, JSON.stringify(value)));
  }

  forget(): void {
    super.set({ ...nothing, theme: this.get().theme });
    attempt(() => this.#storage?.removeItem(KEY));
  }
}

/** The page's own storage; undefined where the person has switched it off. */
export function pageStorage(): Storage | undefined {
  return attempt(() => window.localStorage);
}

function read(storage: KeyValueStorage | undefined): Memory {
  const kept = attempt(() => JSON.parse(storage?.getItem(KEY) ?? "{}") as unknown);
  if (typeof kept !== "object" || kept === null) return nothing;
  const fields = kept as Readonly<Record<string, unknown>>;
  const text = (name: keyof Memory) => {
    const value = fields[name];
    return typeof value === "string" && value.length <= MAX_CHARS ? value : "";
  };
  const theme = text("theme");
  return {
    name: text("name"),
    roomName: text("roomName"),
    deviceId: text("deviceId"),
    theme: theme === "light" || theme === "dark" ? theme : "system",
  };
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
