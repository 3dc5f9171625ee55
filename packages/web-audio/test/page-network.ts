import { Lifetime } from "@roomtone/core";
import type { DevServer } from "@roomtone/dev-server";
import { openSignalProxy, type RelayedServer, relayServer } from "@roomtone/testing";

/** The network between pages and the server: both ways there, the WebSocket's and the media's, are cut and restored together. */
export interface PageNetwork {
  /** Where pages reach the server through it. */
  readonly url: string;
  /** The media's way to the server, and from it. */
  readonly up: RelayedServer["up"];
  readonly down: RelayedServer["down"];
  /** `silent`: packets vanish and nobody is told. `refused`: connections break and new ones are refused, too. */
  cut(how: "silent" | "refused"): void;
  restore(): void;
  close(): Promise<void>;
}

/** @param server an ICE-lite one, so that media has no other way */
export async function openPageNetwork(server: DevServer): Promise<PageNetwork> {
  const lifetime = new Lifetime();
  const relay = lifetime.own(await relayServer({ url: server.url, ports: server.ports }), (opened) => opened.close());
  const signalling = lifetime.own(await openSignalProxy(relay.url), (opened) => opened.close());
  const cutMedia = (cut: boolean) => {
    relay.up.change({ cut });
    relay.down.change({ cut });
  };
  return {
    url: signalling.url,
    up: relay.up,
    down: relay.down,
    cut: (how) => {
      cutMedia(true);
      if (how === "silent") signalling.freeze(true);
      else {
        signalling.refuse(true);
        signalling.cut();
      }
    },
    restore: () => {
      cutMedia(false);
      signalling.freeze(false);
      signalling.refuse(false);
    },
    close: () => lifetime.close(),
  };
}
