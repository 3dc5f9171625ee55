import type { IncomingMessage } from "node:http";
import WebSocket from "ws";
import { SignalRefusal } from "./refusals.js";
import { SignalClient } from "./signal-client.js";

/** A signal message is a few kilobytes; a room of thousands announces itself in a few megabytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Of a refusal's body: enough to see the reason behind a token of usual length. */
const MAX_REFUSAL_BYTES = 16 * 1024;

/** Opens the signalling. Rejects with `SignalRefusal`, or with the connection's failure. */
export function openSignal(address: URL, token: string, deadlineMs: number): Promise<SignalClient> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: deadlineMs,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false, // a few small messages a second: not worth a zlib context
      followRedirects: false, // a redirect would carry the token to wherever it points
    });
    socket.binaryType = "nodebuffer";
    // At once: the first message may come with the handshake's last packet, before a promise is continued.
    socket.once("open", () => resolve(new SignalClient(socket)));
    socket.on("error", (error) => reject(new Error("the signal connection failed", { cause: withoutAddress(error) })));
    socket.once("close", () => reject(new Error("the signal connection closed in its handshake")));
    socket.once("unexpected-response", (request, response) => {
      void readBody(response).then((body) => {
        reject(new SignalRefusal(response.statusCode ?? 0, body));
        request.destroy();
      });
    });
  });
}

/** Only the code: a vendor's message may quote what we sent. */
function withoutAddress(error: Error): Error {
  return new Error((error as NodeJS.ErrnoException).code ?? error.name);
}

function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = "";
    const timer = setTimeout(() => resolve(body), 1000);
    const done = () => {
      clearTimeout(timer);
      resolve(body);
    };
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      body += chunk;
      if (body.length > MAX_REFUSAL_BYTES) done();
    });
    response.once("end", done);
    response.once("error", done);
    response.once("close", done);
  });
}
