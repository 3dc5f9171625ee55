import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { ServerPorts } from "./server-config.js";

// Below the ephemeral ranges of Linux (32768), macOS and Windows (49152): no outgoing connection takes such a port
// between two starts of one server, which has to come back on the ports that its clients know.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;

/**
 * Different ports that are free on `host` at this moment. Another process may still take one before the server
 * binds it: whoever starts the server has to try again with others.
 */
export async function pickFreePorts(host: string, given: Partial<ServerPorts> = {}): Promise<ServerPorts> {
  const taken = new Set(Object.values(given));
  const pick = async (isFree: (port: number) => Promise<boolean>): Promise<number> => {
    for (;;) {
      const port = randomInt(FIRST_PORT, LAST_PORT + 1);
      if (taken.has(port)) continue;
      taken.add(port);
      if (await isFree(port)) return port;
    }
  };
  return {
    http: given.http ?? (await pick((port) => isTcpFree(port, host))),
    // The server would bind it on every address.
    iceTcp: given.iceTcp ?? 0,
    udp: given.udp ?? (await pick((port) => isUdpFree(port, host))),
  };
}

function isTcpFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isUdpFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
