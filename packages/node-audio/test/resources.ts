import { readdir } from "node:fs/promises";

/** What this process holds open: file descriptors, and handles that keep it alive. */
export async function countResources(): Promise<{ readonly files: number; readonly handles: readonly string[] }> {
  // Two turns: what was closed a moment ago is gone after them.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const handles = process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== "Timeout" && kind !== "Immediate" && !kind.endsWith("Promise"));
  return { files: (await readdir("/proc/self/fd")).length, handles: handles.sort() };
}
