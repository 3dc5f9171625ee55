import { type AudioDevice, watchDevices } from "@roomtone/web-audio";
import { useEffect, useState } from "react";

/** The audio devices, as they come and go. Empty where the browser shows none. */
export function useDevices(): readonly AudioDevice[] {
  const [devices, setDevices] = useState<readonly AudioDevice[]>([]);
  useEffect(() => {
    const gone = new AbortController();
    const follow = async () => {
      for await (const change of watchDevices({ signal: gone.signal })) setDevices(change.devices);
    };
    // An insecure origin has no devices; what the microphone says about it says enough.
    follow().catch(() => {});
    return () => gone.abort();
  }, []);
  return devices;
}
