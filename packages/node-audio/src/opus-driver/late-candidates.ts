import type { RTCPeerConnection } from "werift";
import { unseen } from "./unseen.js";

interface Protocol {
  readonly localIp?: string;
  readonly localCandidate?: object;
  close?(): Promise<void>;
}

/** What is used of werift's ICE agent. */
interface IceAgent {
  readonly state: string;
  readonly options: { readonly forceTurn?: boolean; readonly useTcp?: boolean };
  readonly protocols: readonly Protocol[];
  getCandidatePromises(addresses: string[], timeoutS?: number): Promise<object | undefined>[];
  pairLocalProtocol(protocol: Protocol): void;
}

const prepared = new WeakSet<object>();

/**
 * werift looks for no way to the server before the STUN and TURN servers have answered: a second where the first says nothing (a firewall, a
 * name that is not found in time), more where the second does. What they find comes later here, is told to the server then, and a relay is
 * tried as soon as it is there. To be called before candidates are gathered, in `peer`s whose candidates are told one by one.
 */
export function findCandidatesMeanwhile(peer: RTCPeerConnection): void {
  const connections = peer.iceTransports.map(({ connection }) => connection);
  for (const connection of unseen(prepared, connections)) {
    const agent = connection as unknown as IceAgent;
    const find = agent.getCandidatePromises.bind(agent);
    agent.getCandidatePromises = (addresses, timeoutS) => {
      const { forceTurn, useTcp } = agent.options;
      const added = addresses.filter((address) => !agent.protocols.some(({ localIp }) => localIp === address));
      const found = find(addresses, timeoutS);
      if (forceTurn) return found; // there is no other way to look for meanwhile
      // Those of this machine come first: for each address one, and one for TCP.
      const own = added.length * (useTcp ? 2 : 1);
      for (const asked of found.slice(own)) asked.then((candidate) => tryRelay(agent, candidate)).catch(() => {});
      return found.slice(0, own);
    };
  }
}

/** werift pairs a relay only with those addresses of the server that it hears of later. */
function tryRelay(agent: IceAgent, candidate: object | undefined): void {
  const relay = candidate && agent.protocols.find(({ localCandidate }) => localCandidate === candidate);
  if (!relay) return;
  if (agent.state === "closed") void relay.close?.();
  else agent.pairLocalProtocol(relay);
}
