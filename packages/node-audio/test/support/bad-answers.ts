import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { Answer } from "@roomtone/testing";

/** Answers with a status, as a server or a proxy before it does. */
export function status(code: number, body = ""): Answer {
  return (client) => client.end(`HTTP/1.1 ${code} Refused\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
}

/** Sends everybody back to where they came from. */
export const redirectLoop: Answer = (client, head) => {
  const [, path = "/"] = head.split(" ");
  const host = /\r\nhost: ([^\r]+)/i.exec(head)?.[1] ?? "127.0.0.1";
  client.end(`HTTP/1.1 302 Found\r\nLocation: http://${host}${path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
};

/** A body that never ends, as fast as it is read. */
export function endlessBody(code: number): Answer {
  return (client) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    client.write(`HTTP/1.1 ${code} Refused\r\nContent-Type: text/plain\r\n\r\n`);
    const more = () => {
      while (!client.destroyed && client.write(chunk));
    };
    client.on("drain", more);
    more();
  };
}

/** One byte of an answer a second: never silent for long, and never done. */
export const slowLoris: Answer = (client) => {
  const answer = `HTTP/1.1 200 OK\r\nX-Slow: ${"y".repeat(10_000)}`;
  let sent = 0;
  const timer = setInterval(() => client.write(answer[sent++] ?? "z"), 1000);
  client.once("close", () => clearInterval(timer));
};

/** Bytes that are no HTTP. */
export const garbage: Answer = (client) => void client.end(Buffer.from("\u0000\u0001garbage\r\n\r\n\u00ff", "latin1"));

/** Takes the WebSocket, and then goes on as `then` says. */
export function upgraded(then: (client: Socket) => void): Answer {
  return (client, head) => {
    const key = /\r\nsec-websocket-key: ([^\r]+)/i.exec(head)?.[1];
    if (!key) {
      status(200, "OK")(client, head);
      return;
    }
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    client.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    then(client);
  };
}

/** A frame's head that promises more than comes. */
export const halfFrame = upgraded((client) => void client.write(Buffer.from([0x82, 126, 0x10, 0x00, 1, 2, 3])));

/** A whole frame of bytes that are no message. */
export const garbageFrame = upgraded((client) => void client.write(Buffer.from([0x82, 5, 0xff, 0xff, 0xff, 0xff, 0x07])));
