import { RoomtoneError } from "@roomtone/core";
import { httpAddress } from "../rtc-driver/preflight.js";

const LIVEKIT_PATH = "/whip/v1";

/**
 * Where to ask for a session. A WebSocket address, or one without a path, is a LiveKit server's: it takes WHIP at a path of
 * its own. Any other is the endpoint itself. @throws RoomtoneError `usage`
 */
export function endpointAddress(url: string): URL {
  const given = url.trim();
  const address = httpAddress(given);
  if (address.username !== "" || address.password !== "") {
    throw new RoomtoneError("usage", "A WHIP endpoint's address has no user name or password in it: give a token instead.", {
      option: "url",
    });
  }
  const isLiveKit = /^wss?:/i.test(given) || address.pathname === "/";
  if (isLiveKit && !address.pathname.endsWith(LIVEKIT_PATH)) address.pathname = address.pathname.replace(/\/+$/, "") + LIVEKIT_PATH;
  address.hash = "";
  return address;
}
