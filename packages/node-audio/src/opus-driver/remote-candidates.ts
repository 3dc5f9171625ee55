/**
 * How long UDP is tried alone. werift begins a check every 20 ms, and is connected only when it has begun them all, even where the first
 * one succeeded: one over TCP for each network of this machine costs 100 ms, and is hardly ever the one that is taken.
 */
const TCP_WAITS_MS = 250;

export interface RemoteCandidatesOptions {
  /** Whether TCP waits for what UDP does, where the server has UDP. */
  readonly udpFirst: boolean;
  /** Whether a way is found, so that no other is needed, or looked for no more. */
  isSettled(): boolean;
  /** Takes one, in the form that the server trickles: JSON. */
  add(candidateInit: string): void;
}

/** The server's candidates on their way into the peer connection: each once, however often it is told, and in the order of hope. */
export class RemoteCandidates {
  readonly #options: RemoteCandidatesOptions;
  readonly #known = new Set<string>();
  #early: string[] | undefined = [];
  #hasUdp = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: RemoteCandidatesOptions) {
    this.#options = options;
  }

  /** One that the server trickled. */
  trickled(candidateInit: string): void {
    const address = addressIn(candidateInit);
    if (address !== undefined) {
      if (this.#known.has(address)) return;
      this.#known.add(address);
    }
    this.#hasUdp ||= / udp /i.test(candidateInit);
    if (this.#options.udpFirst && this.#hasUdp && / tcp /i.test(candidateInit)) {
      this.#timers.push(setTimeout(() => this.#add(candidateInit), TCP_WAITS_MS).unref());
    } else this.#add(candidateInit);
  }

  /** The server's description without the candidates in it, which go the way of the others once `described` is called. */
  takeFrom(sdp: string): string {
    const rest = sdp.replace(/^a=(candidate:.*?)\r?\n/gm, (_line, candidate: string) => {
      this.trickled(JSON.stringify({ candidate, sdpMid: "0", sdpMLineIndex: 0 }));
      return "";
    });
    // What waits would come after the end.
    return this.#timers.length > 0 ? rest.replace(/^a=end-of-candidates\r?\n/gm, "") : rest;
  }

  /** The peer connection has a description: it takes candidates from now on. */
  described(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const candidateInit of early) this.#add(candidateInit);
  }

  close(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }

  #add(candidateInit: string): void {
    if (this.#early) this.#early.push(candidateInit);
    else if (!this.#options.isSettled()) this.#options.add(candidateInit);
  }
}

/** Component, transport, address and port of a candidate; its foundation and priority may differ from one telling to the next. */
function addressIn(candidateInit: string): string | undefined {
  return /candidate:\S+ (\d+ \S+) \d+ (\S+ \d+)/.exec(candidateInit)?.slice(1).join(" ").toLowerCase();
}
