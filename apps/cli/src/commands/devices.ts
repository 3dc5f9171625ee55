import { loadAudio } from "../audio.js";
import type { GlobalOptions } from "../config/global-options.js";
import { escapeForTerminal } from "../output/escape.js";
import type { CliEvent } from "../output/events.js";
import { createPaint, wantsColour } from "../output/paint.js";
import { command } from "../run.js";

export interface DevicesOptions extends GlobalOptions {
  readonly watch?: boolean;
}

type DeviceEvent = Extract<CliEvent, { event: "device" }>;

/** `roomtone devices`: what can be recorded and played, by the names that `--device` takes. */
export const run = command<DevicesOptions>(async (options, io, signal, output) => {
  const { listDevices, watchDevices } = await loadAudio();
  const paint = createPaint(wantsColour(io.stdout, io.env));
  const show = (device: Omit<DeviceEvent, "event">) => {
    if (output.json) return output.event({ event: "device", ...device });
    const sign = device.change === "added" ? "+ " : device.change === "removed" ? "- " : "";
    // Tab-separated where a program reads it, so that a name with spaces stays one field.
    if (!io.stdout.isTTY) {
      const fields = [
        device.kind,
        device.isDefault ? "default" : "",
        device.name,
        `${device.maxChannels}`,
        `${device.defaultSampleRateHz}`,
      ];
      return output.data(`${sign}${fields.map(escapeForTerminal).join("\t")}`);
    }
    const facts = `${device.maxChannels === 1 ? "mono" : `${device.maxChannels} channels`}, ${device.defaultSampleRateHz / 1000} kHz, ${device.hostApi}`;
    const name = escapeForTerminal(device.name);
    const mark = device.isDefault ? paint("green", " (default)") : "";
    return output.data(
      `${sign}${device.kind === "input" ? "in " : "out"}  ${paint("bold", name)}${mark}  ${paint("dim", escapeForTerminal(facts))}`,
    );
  };
  const devices = await listDevices({ signal });
  for (const kind of ["input", "output"] as const) for (const device of devices.filter((one) => one.kind === kind)) show(device);
  if (devices.length === 0) output.status("No audio devices. `roomtone doctor` says what is missing.");
  if (!options.watch) return { reason: "finished" };
  output.status(output.paint("dim", "watching; Ctrl-C ends"));
  for await (const change of watchDevices({ signal })) {
    for (const device of change.added) show({ ...device, change: "added" });
    for (const device of change.removed) show({ ...device, change: "removed" });
  }
  return { reason: "finished" };
});
