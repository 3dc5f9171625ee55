import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openMicrophone } from "@roomtone/node-audio";
import { withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, test } from "vitest";
import { deviceProcesses, isAlive } from "./support/device-processes.js";
import { patiently } from "./support/hearing.js";

const virtual = withVirtualMicrophone();
const packagePath = fileURLToPath(new URL("../dist/index.js", import.meta.url));

async function anyAlive(pids: readonly number[]): Promise<boolean> {
  return (await Promise.all(pids.map(isAlive))).includes(true);
}

/** A program that uses the package, as text; it prints on stderr only what it says with `say`. */
function program(body: string, cwd: string = process.cwd()): ChildProcess {
  const code = `import { listDevices, openMicrophone, openSpeaker } from ${JSON.stringify(packagePath)};\n${body}`;
  return spawn(process.execPath, ["--input-type=module", "--eval", code], { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

async function output(child: ChildProcess): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const text = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    text.stdout += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    text.stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { ...text, code };
}

describe("a PortAudio process", () => {
  const folders: string[] = [];
  afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

  test("of a program that was killed is gone, with the device", async () => {
    const parent = program("await openMicrophone(); await openSpeaker(); console.log('open');");
    await once(parent.stdout as NonNullable<typeof parent.stdout>, "data");
    const pids = await deviceProcesses(parent.pid);
    expect(pids).toHaveLength(2);
    parent.kill("SIGKILL");
    await expect.poll(() => anyAlive(pids), patiently).toBe(false);
  });

  test("of a program that was killed is gone even where the sound daemon hangs and native code with it", async () => {
    await virtual().freeze();
    try {
      const parent = program("await openMicrophone();");
      await expect.poll(async () => (await deviceProcesses(parent.pid)).length, patiently).toBe(1);
      const pids = await deviceProcesses(parent.pid);
      await expect.poll(() => readFile(`/proc/${pids[0]}/maps`, "utf8"), patiently).toContain("libasound_module_pcm_pulse"); // it asks the daemon
      parent.kill("SIGKILL");
      await expect.poll(() => anyAlive(pids), patiently).toBe(false);
    } finally {
      await virtual().thaw();
    }
  });

  test("loads PortAudio from its own package, wherever the binding was built", async () => {
    const microphone = await openMicrophone();
    const [pid] = await deviceProcesses();
    const loaded = await readFile(`/proc/${pid}/maps`, "utf8");
    await microphone.close();
    const folder = await realpath(fileURLToPath(new URL("../node_modules/naudiodon/build/Release", import.meta.url)));
    expect(loaded).toContain(join(folder, "libportaudio.so.2"));
    expect(loaded).not.toMatch(/segfault-handler/);
  });

  test("whose binding does not load says so, and ends", async () => {
    const folder = await mkdtemp(join(tmpdir(), "roomtone-binding-"));
    folders.push(folder);
    const bindingPath = join(folder, "naudiodon.node");
    await writeFile(bindingPath, "no library");
    const childPath = fileURLToPath(new URL("../dist/device/portaudio-child.js", import.meta.url));
    const child = spawn(process.execPath, [childPath, JSON.stringify({ task: "list", bindingPath, parentPid: process.pid })], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "ipc"],
    });
    const ended = once(child, "exit");
    const [message] = (await once(child, "message")) as [unknown];
    expect(message).toEqual({ type: "failed", failure: { reason: "native-missing" } });
    await ended;
  });

  test("prints nothing on its program's stdout or stderr, and leaves no file, whatever native code says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "roomtone-quiet-"));
    folders.push(folder);
    const body = `
      await listDevices();
      const microphone = await openMicrophone();
      for await (const _frame of microphone.frames()) break;
      await microphone.close();
      await openMicrophone({ device: "not there" }).catch(() => {});`;
    expect(await output(program(body, folder))).toEqual({ stdout: "", stderr: "", code: 0 });
    expect(existsSync(join(folder, "crash.log"))).toBe(false);
  });

  test("does not keep its program from ending by itself once everything is closed", async () => {
    const body =
      "const speaker = await openSpeaker(); const microphone = await openMicrophone(); await microphone.close(); await speaker.close();";
    expect(await output(program(body))).toMatchObject({ code: 0 });
  });
});
