import type { AudioDevice } from "@roomtone/web-audio";
import { ChevronDown, Mic, Volume2 } from "lucide-react";
import { useId } from "react";

interface DeviceSelectProps {
  readonly label: string;
  readonly devices: readonly AudioDevice[];
  readonly deviceId: string;
  readonly onChoose: (deviceId: string) => void;
}

/** The browser's own list: the one that telephones and screen readers know. */
export function DeviceSelect({ label, devices, deviceId, onChoose }: DeviceSelectProps) {
  const id = useId();
  const chosen = devices.some((device) => device.deviceId === deviceId)
    ? deviceId
    : (devices.find(({ isDefault }) => isDefault)?.deviceId ?? "");
  // Where there is no room for the label, it says which of the two this is.
  const Sign = label === "Speaker" ? Volume2 : Mic;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="select">
        <Sign className="select-sign" size={16} aria-hidden="true" />
        <select id={id} value={chosen} disabled={devices.length === 0} onChange={(event) => onChoose(event.target.value)}>
          {devices.length === 0 && <option value="">None found</option>}
          {devices.map((device) => (
            <option key={`${device.deviceId} ${device.name}`} value={device.deviceId}>
              {device.name}
            </option>
          ))}
        </select>
        <ChevronDown size={16} aria-hidden="true" />
      </div>
    </div>
  );
}
