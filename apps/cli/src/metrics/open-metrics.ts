import type { Lifetime } from "@roomtone/core";
import type { Output } from "../output/output.js";
import type { MetricsAddress } from "./metrics-address.js";
import { startMetricsServer } from "./metrics-server.js";
import { PublishMetrics } from "./publish-metrics.js";

/** Serves figures until `lifetime` ends. @throws RoomtoneError `usage` where the port cannot be listened on */
export async function openMetrics(address: MetricsAddress, lifetime: Lifetime, output: Output): Promise<PublishMetrics> {
  const metrics = lifetime.own(await PublishMetrics.open(), (open) => open.close());
  const server = lifetime.own(await startMetricsServer(address, metrics), (open) => open.close());
  output.event({ event: "metrics", url: `${server.url}/metrics` });
  return metrics;
}
