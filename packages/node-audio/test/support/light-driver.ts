import { SignalResponse } from "@livekit/protocol";
import { type RoomConnection, type RoomDriver, RoomtoneError } from "@roomtone/core";
import WebSocket from "ws";

/** Joins and says nothing more: as much of a participant as two hundred of them in one process can be. */
export function lightDriver(): RoomDriver {
  return {
    name: "light",
    canSubscribe: false,
    adapts: [],
    connect: ({ url, token, on }) =>
      new Promise<RoomConnection>((resolve, reject) => {
        const headers = { Authorization: `Bearer ${token}` };
        const socket = new WebSocket(`${url}/rtc?protocol=9&auto_subscribe=0`, { headers, perMessageDeflate: false });
        socket.binaryType = "nodebuffer";
        let leaving = false;
        let joined = false;
        socket.on("error", () => {});
        socket.once("close", () => {
          if (!joined) reject(new RoomtoneError("server-unreachable", "The server did not let us in.", { retryable: true }));
          else if (!leaving) on({ type: "disconnected", reason: "connection-lost" });
        });
        socket.once("message", (data: Buffer) => {
          const { message } = SignalResponse.fromBinary(data);
          if (message.case !== "join") return;
          joined = true;
          const { sid = "", identity = "" } = message.value.participant ?? {};
          resolve({
            room: { sid: message.value.room?.sid ?? "", name: message.value.room?.name ?? "", metadata: "" },
            localParticipant: { sid, identity, name: "", metadata: "", attributes: {} },
            participants: [],
            publish: () => Promise.reject(new RoomtoneError("unsupported", "It publishes nothing.")),
            close: async () => {
              leaving = true;
              socket.terminate();
            },
          });
        });
      }),
  };
}
