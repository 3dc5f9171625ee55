import { InvalidArgumentError } from "commander";

/** Where figures are served. */
export interface MetricsAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** `9464` or `:9464`: this machine alone. `0.0.0.0:9464` or `[::]:9464`: whoever reaches it. */
export function parseMetricsAddress(text: string): MetricsAddress {
  const match = /^(?:(?:\[(?<six>[\da-f:.]+)\]|(?<name>[^[\]:\s/]+))?:)?(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.["port"] ?? Number.NaN);
  if (!(port >= 0 && port <= 65_535)) {
    throw new InvalidArgumentError("It takes a port, alone or behind an address: 9464, or 0.0.0.0:9464 to be reached from elsewhere.");
  }
  return { host: match?.groups?.["six"] ?? match?.groups?.["name"] ?? "127.0.0.1", port };
}
