import type { RTCDtlsTransport } from "werift";

/** RFC 8445, "Ta" is 50 ms by default and at least 5; werift's is this. */
const CHECK_INTERVAL_MS = 20;
/** So long for an address of the server's, or for one of a relay, which may take seconds to get; a publish is given up after 10 s. */
const NOWHERE_MS = 8000;

/** What is used of werift's ICE agent. */
interface IceAgent {
  readonly state: string;
  readonly stateChanged: { subscribe(listener: (state: string) => void): void };
  readonly nominated?: object;
  readonly checkList: readonly object[];
  readonly earlyChecks: readonly unknown[];
  earlyChecksDone: boolean;
  /** Its own addresses have been looked for, which is done once. */
  readonly localCandidatesEnd: boolean;
  readonly protocols: readonly object[];
  connect(): Promise<void>;
  addPair(pair: object): void;
  schedulingChecks(): boolean;
}

/**
 * werift looks every 20 ms whether there is a way to check, and goes on to DTLS at one of these looks only, and when it has begun to check
 * them all, though the first one may have answered long before. Here the first check leaves as soon as there is somebody to ask, the next
 * ones are begun beside it, and the first way that answers is taken at once.
 */
export function checkAtOnce({ iceTransport }: RTCDtlsTransport): void {
  const agent = iceTransport.connection as unknown as IceAgent;
  const connect = agent.connect.bind(agent);
  const addPair = agent.addPair.bind(agent);
  const checkNext = agent.schedulingChecks.bind(agent);
  let isSomewhere = () => {};
  let pacing: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  const isOver = () => agent.nominated !== undefined || agent.state === "closed";

  agent.addPair = (pair) => {
    addPair(pair);
    isSomewhere();
  };
  agent.connect = async () => {
    // A machine whose network is only coming has no address yet: this connection fails at once, for another.
    const isNowhere = agent.localCandidatesEnd && agent.protocols.length === 0;
    if (!isNowhere && agent.checkList.length === 0 && agent.earlyChecks.length === 0) {
      // The server's own checks tell where it is, too: werift keeps those that come before it connects.
      agent.earlyChecksDone = true;
      await new Promise<void>((resolve) => {
        isSomewhere = resolve;
        patience = setTimeout(resolve, NOWHERE_MS);
      });
      clearTimeout(patience);
    }
    return connect();
  };
  // Its "no more" is to say that werift waits for an answer from now on, and not for its next look.
  agent.schedulingChecks = () => {
    if (isOver()) return false;
    checkNext();
    pacing ??= setInterval(() => {
      if (isOver()) clearInterval(pacing);
      else checkNext();
    }, CHECK_INTERVAL_MS);
    return false;
  };
  agent.stateChanged.subscribe((state) => {
    if (state !== "closed") return;
    clearInterval(pacing);
    clearTimeout(patience);
  });
}
