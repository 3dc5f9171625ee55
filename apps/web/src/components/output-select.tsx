import { toRoomtoneError } from "@roomtone/core";
import type { AudioDevice } from "@roomtone/web-audio";
import { useState } from "react";
import type { Stay } from "../state/stay.js";
import { DeviceSelect } from "./device-select.js";

interface OutputSelectProps {
  readonly stay: Stay;
  readonly devices: readonly AudioDevice[];
}

/** Where the room plays. Left out where the browser offers no choice. */
export function OutputSelect({ stay, devices }: OutputSelectProps) {
  const [deviceId, setDeviceId] = useState("");
  const outputs = devices.filter((device) => device.kind === "output" && device.deviceId !== "");
  if (outputs.length < 2) return null;
  const choose = (wanted: string) => {
    stay.audio.setOutput(wanted).then(
      () => setDeviceId(wanted),
      (error: unknown) => stay.change({ notice: toRoomtoneError(error).message }),
    );
  };
  return <DeviceSelect label="Speaker" devices={outputs} deviceId={deviceId} onChoose={choose} />;
}
