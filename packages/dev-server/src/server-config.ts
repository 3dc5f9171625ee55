import type { ServerKeys } from "./server-keys.js";

/** The three ports that a LiveKit server listens on. */
export interface ServerPorts {
  /** HTTP and WebSocket: signalling and the API. */
  readonly http: number;
  /** Media over TCP, for clients whose UDP is blocked. 0, the default: none, because livekit-server listens for it on every address, not on loopback alone. */
  readonly iceTcp: number;
  /** Media over UDP, all participants on one port. */
  readonly udp: number;
}

/** livekit-server's configuration file: JSON, which is YAML too. */
export function serverConfig(host: string, ports: ServerPorts, keys: ServerKeys, iceLite = false): string {
  return JSON.stringify({
    port: ports.http,
    bind_addresses: [host],
    keys: { [keys.apiKey]: keys.apiSecret },
    rtc: {
      udp_port: ports.udp,
      tcp_port: ports.iceTcp,
      node_ip: host,
      use_external_ip: false,
      use_ice_lite: iceLite,
      // Without it the server offers no candidate on a machine whose only network is loopback.
      enable_loopback_candidate: true,
      ips: { includes: [`${host}/32`] },
    },
    logging: { level: "info", json: false },
  });
}
