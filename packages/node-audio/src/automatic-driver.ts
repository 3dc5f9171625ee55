import type { RoomDriver } from "@roomtone/core";
import { isRoomtoneError, type RoomtoneError } from "@roomtone/core";
import { loadOpus } from "./natives/load-opus.js";
import { loadRtcNode } from "./natives/load-rtc-node.js";
import { opusDriver } from "./opus-driver/opus-driver.js";
import { rtcDriver } from "./rtc-driver/rtc-driver.js";

/** Loads a native package, or throws what `native-missing` says. */
type Load = () => unknown;

/**
 * The driver that `auto` is: `opus`, which sends every Opus setting and costs less, and `rtc` where others are to be heard, or where
 * libopus does not load, which a `warning` then says as the room is joined. Looks by loading them: whoever publishes needs that anyway.
 */
export function automaticDriver({ subscribe = false }: { readonly subscribe?: boolean } = {}): RoomDriver {
  return subscribe ? rtcDriver() : pickPublisher(loadOpus, loadRtcNode);
}

/** Where neither loads it is `opus`: it publishes encoded files, and says of anything else what is missing. */
export function pickPublisher(opus: Load, rtc: Load): RoomDriver {
  const missing = failureOf(opus);
  return missing && !failureOf(rtc) ? insteadOfOpus(rtcDriver(), missing) : opusDriver();
}

function failureOf(load: Load): RoomtoneError | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (isRoomtoneError(error, "native-missing")) return error;
    throw error;
  }
}

/** The same driver; its first join tells why it was taken. */
export function insteadOfOpus(driver: RoomDriver, missing: RoomtoneError): RoomDriver {
  let told = false;
  return {
    ...driver,
    async connect(options, signal) {
      const connection = await driver.connect(options, signal);
      if (!told) options.on({ type: "warning", message: explain(missing) });
      told = true;
      return connection;
    },
  };
}

function explain(missing: RoomtoneError): string {
  return `The driver rtc publishes instead of opus, which sets bitrate and DTX only: ${missing.message}. The driver opus publishes encoded files without it.`;
}
