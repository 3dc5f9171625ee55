import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SignalRequest, SignalResponse } from "@livekit/protocol";
import WebSocket, { WebSocketServer } from "ws";

type Response = SignalResponse["message"];

/** Stands between a participant and the server's signalling, and reads along: media goes past it. */
export interface SignalRelay {
  readonly url: string;
  /** What the server said and what reached the participant, oldest first. */
  readonly responses: readonly Response[];
  /** What the participant said. */
  readonly requests: readonly SignalRequest["message"][];
  /** The address of each connection, with its query; the newest last. */
  readonly addresses: readonly string[];
  readonly tokens: readonly string[];
  /** From now on messages of the server pass only where it says so. */
  filter(passes: (message: Response) => boolean): void;
  /** Says something in the server's stead. */
  say(message: Response): void;
  close(): Promise<void>;
}

export async function openSignalRelay(target: string): Promise<SignalRelay> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  const responses: Response[] = [];
  const requests: SignalRequest["message"][] = [];
  const addresses: string[] = [];
  const tokens: string[] = [];
  let passes: (message: Response) => boolean = () => true;
  let newest: WebSocket | undefined;
  server.on("connection", (participant, { url = "", headers }) => {
    newest = participant;
    addresses.push(url);
    tokens.push((headers.authorization ?? "").replace("Bearer ", ""));
    const upstream = new WebSocket(`${target}${url}`, { headers: { authorization: headers.authorization }, perMessageDeflate: false });
    const waiting: Buffer[] = [];
    upstream.on("open", () => {
      for (const data of waiting.splice(0)) upstream.send(data);
    });
    upstream.on("message", (data: Buffer) => {
      const { message } = SignalResponse.fromBinary(data);
      if (!passes(message)) return;
      responses.push(message);
      participant.send(data);
    });
    participant.on("message", (data: Buffer) => {
      requests.push(SignalRequest.fromBinary(data).message);
      if (upstream.readyState === upstream.OPEN) upstream.send(data);
      else waiting.push(data);
    });
    for (const [one, other] of [
      [participant, upstream],
      [upstream, participant],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.terminate());
    }
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    responses,
    requests,
    addresses,
    tokens,
    filter: (next) => {
      passes = next;
    },
    say: (message) => newest?.send(new SignalResponse({ message }).toBinary()),
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
