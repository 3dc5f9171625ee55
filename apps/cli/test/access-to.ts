import type { DevServer } from "@roomtone/dev-server";

/** The options by which the command line is let into `room` at `server`; without one, into any. */
export function accessTo(server: DevServer, room?: string, url = server.url): string[] {
  const keys = ["--url", url, "--api-key", server.apiKey, "--api-secret", server.apiSecret];
  return room === undefined ? keys : [...keys, "--room", room];
}
