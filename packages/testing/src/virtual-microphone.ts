import { spawn } from "node:child_process";
import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lifetime, RoomtoneError } from "@roomtone/core";
import { PulseDaemon } from "./pulse-daemon.js";

/** The devices that are there without asking: PortAudio's `default`, made of a silent microphone and a speaker apart from it. */
const MICROPHONE_SINK = "microphone_feed";
const SPEAKER_SINK = "speaker";
const RAW_FORMAT = ["--raw", "--format=s16le", "--rate=48000"];

export interface VirtualPlayback {
  /** Resolves when everything was played, or after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface VirtualRecording {
  /** What was recorded so far: 48 kHz, mono. */
  samples(): Int16Array;
  /** Ends the recording; resolves with all of it. */
  stop(): Promise<Int16Array>;
}

export interface VirtualPlayOptions {
  /** Which microphone hears it; the default one where absent. */
  readonly device?: string;
  readonly channels?: 1 | 2;
  /** Starts again at the end, without a gap, until stopped. */
  readonly loop?: boolean;
}

/** A microphone and a speaker without hardware: real PortAudio, real ALSA, a sound daemon of its own. */
export interface VirtualMicrophone {
  /** Variables that a program needs to hear this microphone. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the sound daemon, while it runs. */
  readonly daemonPid: number | undefined;
  /** Says `source` (a file that PulseAudio reads, or int16 samples at 48 kHz) into a microphone. */
  play(source: string | Int16Array, options?: VirtualPlayOptions): VirtualPlayback;
  /** A sine on a microphone until the returned function is called. It is there again after the daemon's restart. */
  playTone(frequencyHz: number, options?: { readonly device?: string }): Promise<() => Promise<void>>;
  /** Records what programs play; resolves once the recording runs. */
  record(options?: { readonly device?: string }): Promise<VirtualRecording>;
  /** Plugs in a device of that name. One that was removed returns. */
  addDevice(name: string, kind?: "input" | "output"): Promise<void>;
  /**
   * Unplugs a device: it stops delivering and is no longer listed. With `listed` it still is: as one that opens and is mute, or, with
   * `unloaded`, as one that does not open.
   */
  removeDevice(name: string, options?: { readonly listed?: boolean; readonly unloaded?: boolean }): Promise<void>;
  /** Makes that input the one that programs get which name none, as the system's own settings do; without a name the first one again. */
  makeDefault(name?: string): Promise<void>;
  /** Ends the sound daemon: SIGTERM. */
  stopDaemon(): Promise<void>;
  /** Ends the sound daemon: SIGKILL. */
  killDaemon(): Promise<void>;
  /** A new daemon, with the devices and tones of the one before. */
  startDaemon(): Promise<void>;
  /** The sound daemon stands still (SIGSTOP): whoever asks it waits. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends the daemon and removes its folder. Idempotent. */
  close(): Promise<void>;
}

/** @throws RoomtoneError `unsupported` where PulseAudio is not installed, with the command that installs it */
export async function startVirtualMicrophone(): Promise<VirtualMicrophone> {
  const daemon = await PulseDaemon.create();
  const microphone = new PulseMicrophone(daemon);
  try {
    await microphone.startDaemon();
    return microphone;
  } catch (error) {
    await microphone.close();
    throw error;
  }
}

interface Device {
  readonly sink: string;
  readonly kind: "input" | "output";
  listed: boolean;
  loaded: boolean;
}

class PulseMicrophone implements VirtualMicrophone {
  readonly #daemon: PulseDaemon;
  readonly #lifetime = new Lifetime();
  readonly #devices = new Map<string, Device>();
  readonly #tones = new Map<symbol, { readonly sink: string; readonly frequencyHz: number }>();

  constructor(daemon: PulseDaemon) {
    this.#daemon = this.#lifetime.own(daemon, (owned) => owned.close());
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#daemon.environment;
  }

  get daemonPid(): number | undefined {
    return this.#daemon.pid;
  }

  play(source: string | Int16Array, options: VirtualPlayOptions = {}): VirtualPlayback {
    const sink = `--device=${this.#sink(options.device, MICROPHONE_SINK)}`;
    const [command, ...words] =
      typeof source === "string"
        ? ["paplay", sink, source]
        : ["pacat", "--playback", sink, `--channels=${options.channels ?? 1}`, ...RAW_FORMAT, "--latency-msec=50"];
    const player = spawn(command as string, words, { env: this.#daemon.clientEnvironment(), stdio: ["pipe", "ignore", "ignore"] });
    const ended = once(player, "exit").then(() => {});
    ended.catch(() => {});
    const input = player.stdin;
    input.on("error", () => {}); // the player may leave first
    if (typeof source !== "string") {
      const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
      const write = () => {
        if (!options.loop) input.end(bytes);
        else if (input.write(bytes)) setImmediate(write);
        else input.once("drain", write);
      };
      write();
    }
    const stop = async () => {
      player.kill("SIGKILL");
      await ended;
    };
    this.#lifetime.defer(stop);
    return { ended, stop };
  }

  async playTone(frequencyHz: number, options: { readonly device?: string } = {}): Promise<() => Promise<void>> {
    const key = Symbol("tone");
    const tone = { sink: this.#sink(options.device, MICROPHONE_SINK), frequencyHz };
    this.#tones.set(key, tone);
    await this.#daemon.control("load-module", ...sineModule(tone));
    return async () => {
      if (this.#tones.delete(key)) await this.#unload(sineModule(tone));
    };
  }

  async record(options: { readonly device?: string } = {}): Promise<VirtualRecording> {
    const source = `${this.#sink(options.device, SPEAKER_SINK)}.monitor`;
    const words = [`--device=${source}`, "--channels=1", ...RAW_FORMAT, "--latency-msec=20"];
    const recorder = spawn("parec", words, { env: this.#daemon.clientEnvironment(), stdio: ["ignore", "pipe", "ignore"] });
    const chunks: Buffer[] = [];
    recorder.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const exited = once(recorder, "exit");
    exited.catch(() => {});
    const samples = () => {
      const bytes = Buffer.concat(chunks);
      return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 2)));
    };
    const stop = async () => {
      recorder.kill("SIGKILL");
      await exited;
      return samples();
    };
    this.#lifetime.defer(stop);
    await Promise.race([
      once(recorder.stdout, "data"),
      exited.then(() => Promise.reject(new RoomtoneError("internal", "parec ended before it recorded"))),
    ]);
    return { samples, stop };
  }

  async addDevice(name: string, kind: "input" | "output" = "input"): Promise<void> {
    const known = this.#devices.get(name);
    const device: Device = known ?? { sink: `device_${this.#devices.size}`, kind, listed: true, loaded: false };
    device.listed = true;
    this.#devices.set(name, device);
    if (device.loaded) await this.#daemon.control("suspend-sink", device.sink, "0");
    else await this.#daemon.control("load-module", ...nullSinkModule(device.sink));
    device.loaded = true;
    await this.#writeAlsaConfiguration();
  }

  async removeDevice(name: string, options: { readonly listed?: boolean; readonly unloaded?: boolean } = {}): Promise<void> {
    const device = this.#device(name);
    device.listed = options.listed ?? false;
    await this.#writeAlsaConfiguration();
    if (options.unloaded) {
      device.loaded = false;
      await this.#unload(nullSinkModule(device.sink));
    } else if (device.loaded) {
      // Not unloaded: the daemon would move its streams to the default device, and a program would notice nothing.
      await this.#daemon.control("suspend-sink", device.sink, "1");
    }
  }

  async makeDefault(name?: string): Promise<void> {
    await this.#daemon.control("set-default-source", `${this.#sink(name, MICROPHONE_SINK)}.monitor`);
  }

  stopDaemon(): Promise<void> {
    return this.#daemon.signal("SIGTERM");
  }

  killDaemon(): Promise<void> {
    return this.#daemon.signal("SIGKILL");
  }

  async startDaemon(): Promise<void> {
    await this.#writeAlsaConfiguration();
    const sinks = [
      MICROPHONE_SINK,
      SPEAKER_SINK,
      ...[...this.#devices.values()].filter((device) => device.loaded).map((device) => device.sink),
    ];
    const lines = [
      ...sinks.map((sink) => `load-module ${nullSinkModule(sink).join(" ")}`),
      `set-default-sink ${SPEAKER_SINK}`,
      `set-default-source ${MICROPHONE_SINK}.monitor`,
      ...[...this.#tones.values()].map((tone) => `load-module ${sineModule(tone).join(" ")}`),
    ];
    await this.#daemon.start(`${lines.join("\n")}\n`);
  }

  freeze(): Promise<void> {
    return this.#daemon.signal("SIGSTOP");
  }

  thaw(): Promise<void> {
    return this.#daemon.signal("SIGCONT");
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  /** By what it was loaded with: a daemon that was started again numbers its modules anew. */
  async #unload(module: readonly string[]): Promise<void> {
    const modules = (await this.#daemon.control("list", "short", "modules")).split("\n").map((line) => line.split("\t"));
    const [id] = modules.find(([, name, words]) => name === module[0] && words === module.slice(1).join(" ")) ?? [];
    if (id) await this.#daemon.control("unload-module", id);
  }

  #device(name: string): Device {
    const device = this.#devices.get(name);
    if (!device) throw new RoomtoneError("usage", `no virtual device "${name}" was added`);
    return device;
  }

  #sink(deviceName: string | undefined, otherwise: string): string {
    return deviceName === undefined ? otherwise : this.#device(deviceName).sink;
  }

  /** A whole ALSA configuration of its own: with the system's, probing prints some 225 lines and lists devices that are not there. */
  async #writeAlsaConfiguration(): Promise<void> {
    const named = [...this.#devices].filter(([, device]) => device.listed);
    const lines = [
      'pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }',
      'ctl_type.pulse { lib "libasound_module_ctl_pulse.so" }',
      'pcm.!default { type pulse hint { show on description "virtual devices" } }',
      "ctl.!default { type pulse }",
      ...named.map(([name, { sink, kind }]) => {
        const target = kind === "input" ? `${sink}.monitor` : sink;
        return `pcm."${name}" { type pulse device "${target}" hint { show on description "${name}" } }`;
      }),
    ];
    // By renaming: a program that lists devices at this moment must not read half a file.
    const path = join(this.#daemon.folder, "asound.conf");
    await writeFile(`${path}.new`, `${lines.join("\n")}\n`);
    await rename(`${path}.new`, path);
  }
}

/** `norewinds=1` matters: without it a client's first sample arrives 1 to 2 s after its start, with it after some 20 ms. */
function nullSinkModule(sink: string): string[] {
  return ["module-null-sink", `sink_name=${sink}`, "rate=48000", "channels=2", "norewinds=1"];
}

function sineModule(tone: { readonly sink: string; readonly frequencyHz: number }): string[] {
  return ["module-sine", `sink=${tone.sink}`, `frequency=${tone.frequencyHz}`];
}
