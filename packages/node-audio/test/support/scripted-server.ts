import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { JoinResponse, ParticipantInfo, ParticipantPermission, Room, SignalRequest, SignalResponse } from "@livekit/protocol";
import { type WebSocket, WebSocketServer } from "ws";

type Response = Extract<SignalResponse["message"], { case: string }>;
type Request = Extract<SignalRequest["message"], { case: string }>;

export const response = (message: Response): Uint8Array => new SignalResponse({ message }).toBinary();

/** What a server welcomes a participant with. */
export function welcome(fields: ConstructorParameters<typeof JoinResponse>[0] = {}): Response {
  const permission = new ParticipantPermission({ canPublish: true, canPublishData: true, canSubscribe: true });
  const value = new JoinResponse({
    room: new Room({ sid: "RM_room", name: "room" }),
    participant: new ParticipantInfo({ sid: "PA_me", identity: "me", permission }),
    pingInterval: 5,
    pingTimeout: 15,
    ...fields,
  });
  return { case: "join", value };
}

export interface ScriptedServerOptions {
  /** The first frame to whoever connects. Default: a welcome. */
  readonly first?: () => Uint8Array | string;
  /** Called with each request and a way to answer it. */
  readonly onRequest?: (request: Request, client: WebSocket) => void;
}

/** A server that says what a test wants it to say, over a real WebSocket. It carries no media. */
export interface ScriptedServer {
  readonly url: string;
  /** Of whoever connected last. */
  readonly client: WebSocket;
  /** Says `data` to whoever is connected. */
  tell(data: Uint8Array): void;
  close(): Promise<void>;
}

export async function openScriptedServer({ first, onRequest }: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  let client: WebSocket | undefined;
  server.on("connection", (socket) => {
    client = socket;
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      const { message } = SignalRequest.fromBinary(data);
      if (message.case !== undefined) onRequest?.(message, socket);
    });
    socket.send(first?.() ?? response(welcome()));
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get client() {
      if (!client) throw new Error("nobody has connected");
      return client;
    },
    tell: (data) => {
      for (const socket of server.clients) socket.send(data);
    },
    close: () => {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
