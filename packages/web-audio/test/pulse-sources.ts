import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startVirtualMicrophone } from "@roomtone/testing";

const run = promisify(execFile);

/** Microphones of a private sound daemon that browsers list: real sources with a tone, plugged in and out as modules. */
export interface PulseSources {
  readonly environment: Readonly<Record<string, string>>;
  /** Plugs in a microphone in which a tone sounds. */
  add(name: string, frequencyHz: number): Promise<void>;
  /** Unplugs it: streams from it end. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openPulseSources(): Promise<PulseSources> {
  const daemon = await startVirtualMicrophone();
  const env = { ...daemon.environment, PATH: "/usr/bin:/bin", HOME: "/tmp" };
  const control = async (...words: string[]) => (await run("pactl", words, { env })).stdout.trim();
  const modules = new Map<string, string[]>();
  // Browsers hide the monitors of sinks, which is what the daemon came with.
  return {
    environment: env,
    add: async (name, frequencyHz) => {
      const ids = [
        await control("load-module", "module-null-sink", `sink_name=${name}_feed`, "rate=48000", "norewinds=1"),
        await control("load-module", "module-sine", `sink=${name}_feed`, `frequency=${frequencyHz}`),
        await control(
          "load-module",
          "module-remap-source",
          `source_name=${name}`,
          `master=${name}_feed.monitor`,
          `source_properties=device.description=${name}`,
        ),
      ];
      modules.set(name, ids);
      if (modules.size === 1) await control("set-default-source", name);
    },
    remove: async (name) => {
      for (const id of (modules.get(name) ?? []).reverse()) await control("unload-module", id);
      modules.delete(name);
    },
    close: () => daemon.close(),
  };
}
