/** Those of `items` that were not in `seen` before; they are from now on. A peer's transports are met again at each negotiation. */
export function unseen<Item extends object>(seen: WeakSet<Item>, items: readonly Item[]): Item[] {
  return items.filter((item) => !seen.has(item) && seen.add(item));
}
