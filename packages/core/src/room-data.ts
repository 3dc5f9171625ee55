import { RoomtoneError } from "./errors.js";
import type { LiveConnection } from "./live-connection.js";
import { isDataChannel, type SendDataOptions } from "./publish.js";
import type { TokenGrants } from "./token.js";

/** LiveKit's limit for one data message. */
const MAX_DATA_BYTES = 15_360;

/** Where a data message would go. */
export interface DataRoute {
  readonly link: LiveConnection | undefined;
  readonly grants: TokenGrants | undefined;
  readonly driverName: string;
}

/** Sends a data message. @throws RoomtoneError `grant-missing`, `invalid-settings`, `server-unreachable`, `unsupported` */
export async function sendRoomData({ link, grants, driverName }: DataRoute, payload: Uint8Array, options: SendDataOptions): Promise<void> {
  if (grants?.canPublishData === false) {
    const message = "The token does not allow sending data: it lacks the grant canPublishData.";
    throw new RoomtoneError("grant-missing", message, { grant: "canPublishData" });
  }
  if (payload.length > MAX_DATA_BYTES) {
    const message = `A data message holds ${MAX_DATA_BYTES} bytes at the most; this one has ${payload.length}.`;
    throw new RoomtoneError("invalid-settings", message, { setting: "payload" });
  }
  if (!link?.isUsable) {
    throw new RoomtoneError("server-unreachable", "The room is not connected now. Send again when it is back.", { retryable: true });
  }
  if (!isDataChannel(link.connection)) throw new RoomtoneError("unsupported", `The driver ${driverName} carries no data messages.`);
  await link.connection.sendData(payload, options);
}
