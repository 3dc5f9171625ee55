import { execFileSync } from "node:child_process";
import { readdir } from "node:fs/promises";

/** Sends `signal` to a process and its children. */
export async function signalTree(pid: number, signal: NodeJS.Signals): Promise<void> {
  for (const one of [pid, ...(await childrenOf(pid))]) process.kill(one, signal);
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = tasks.map((task) => execFileSync("cat", [`/proc/${pid}/task/${task}/children`], { encoding: "utf8" }));
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}
