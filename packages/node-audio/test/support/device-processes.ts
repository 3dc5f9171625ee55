import { readdir, readFile } from "node:fs/promises";

/** The PortAudio processes that `parentPid` has. */
export async function deviceProcesses(parentPid: number = process.pid): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map(async (pid) => ((await isDeviceProcessOf(pid, parentPid)) ? pid : undefined)));
  return found.filter((pid) => pid !== undefined);
}

async function isDeviceProcessOf(pid: number, parentPid: number): Promise<boolean> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    if (!status.includes(`\nPPid:\t${parentPid}\n`) || status.includes("\nState:\tZ")) return false;
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("portaudio-child");
  } catch {
    return false; // it ended meanwhile
  }
}

/** Whether it runs. One that has ended and that nobody has asked about yet, as an orphan's init may not, does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    return !(await readFile(`/proc/${pid}/status`, "utf8")).includes("\nState:\tZ");
  } catch {
    return false;
  }
}

/** The one PortAudio process of this test. */
export async function onlyDeviceProcess(): Promise<number> {
  const pids = await deviceProcesses();
  if (pids.length !== 1) throw new Error(`there are ${pids.length} PortAudio processes, not one`);
  return pids[0] as number;
}
