import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** The soak in a process of its own, whose memory is nobody else's. Its first lines, with the seed, and its last are printed. */
export async function runSoak(minutes: number): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  const program = join(import.meta.dirname, "soak.ts");
  const child = spawn(process.execPath, [program, "--minutes", `${minutes}`], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  const lines = output.trim().split("\n");
  process.stdout.write(`${[lines[0], ...lines.slice(-4)].join("\n")}\n`);
  return { output, exitCode };
}
