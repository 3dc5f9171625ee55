import { endpointTokenSource, readToken, toRoomtoneError } from "@roomtone/core";
import { type Credentials, joinRoom } from "@roomtone/web-audio";
import { type Ending, isTokenSpent } from "./endings.js";
import { MemoryStore, pageStorage } from "./memory.js";
import { MicrophoneDesk } from "./microphone-desk.js";
import { type PageLink, readPageLink, writePageLink } from "./page-link.js";
import { Stay } from "./stay.js";
import { Store } from "./store.js";

/** Where the token comes from: the page's own server, or the person's hands. */
export type Access =
  | { readonly kind: "endpoint" }
  | {
      readonly kind: "token";
      readonly serverUrl: string;
      /** In memory alone: never in the link, in storage or in the console. */
      readonly token: string;
    };

export interface JoinRequest {
  readonly access: Access;
  readonly roomName: string;
  readonly name: string;
  /** With the microphone; else to listen only. */
  readonly speak: boolean;
  readonly muted: boolean;
}

export type StudioState =
  | { readonly screen: "lobby" }
  | { readonly screen: "joining"; readonly roomName: string; readonly stay: Stay }
  | { readonly screen: "live"; readonly stay: Stay }
  | { readonly screen: "ended"; readonly ending: Ending; readonly roomName: string };

/** At five seconds each, a server that is gone is knocked at for about five minutes. */
const REJOIN_RETRIES = 60;
const ENDPOINT_DEADLINE_MS = 10_000;

/** The page: which screen there is, and what outlives a screen. */
export class Studio extends Store<StudioState> {
  readonly link: PageLink;
  readonly memory = new MemoryStore(pageStorage());
  readonly microphone = new MicrophoneDesk();
  /** One for each page: it is the same person after an outage, and another one in another tab. */
  readonly #identity = `web-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  #request: JoinRequest | undefined;
  #leaving = new AbortController();

  constructor(search: string) {
    super({ screen: "lobby" });
    this.link = readPageLink(search);
    if (this.link.listen && !this.link.serverUrl) {
      void this.join({ access: { kind: "endpoint" }, roomName: this.link.roomName, name: "", speak: false, muted: false });
    }
  }

  async join(request: JoinRequest): Promise<void> {
    if (this.get().screen === "joining" || this.get().screen === "live") return;
    this.#request = request;
    const roomName = roomOf(request);
    const stay = new Stay();
    this.set({ screen: "joining", roomName, stay });
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    // Who only listens sees no recording light.
    if (!request.speak) void this.microphone.close();
    try {
      const microphone = request.speak ? await this.microphone.open(this.memory.get().deviceId) : undefined;
      signal.throwIfAborted();
      const session = await joinRoom(this.#credentials(request), {
        subscribe: true,
        signal,
        rejoinRetries: REJOIN_RETRIES,
        on: { any: stay.take },
      });
      stay.begin(session);
      this.set({ screen: "live", stay });
      this.#showInAddress(stay.get().room.room?.name ?? "");
      void session.closed.then((closed) => this.#end(stay, { kind: "closed", closed }, roomName));
      if (microphone) await stay.speak(microphone, request.muted);
    } catch (error) {
      await stay.close();
      // Cancelled: the person is elsewhere already.
      if (!signal.aborted) this.#end(stay, { kind: "not-joined", error: toRoomtoneError(error) }, roomName);
    }
  }

  /** Also while joining. */
  leave(): void {
    const state = this.get();
    if (state.screen === "live") void state.stay.close();
    else if (state.screen === "joining") {
      this.#leaving.abort();
      this.toLobby();
    }
  }

  /** Once more, as the last time. A token that is no longer good sends the person back to give another. */
  rejoin(): void {
    const state = this.get();
    const refused = state.screen === "ended" && isTokenSpent(state.ending) && this.#request?.access.kind === "token";
    if (this.#request && !refused) void this.join(this.#request);
    else this.toLobby();
  }

  toLobby(): void {
    this.set({ screen: "lobby" });
  }

  /** What people copy out of the address bar, bookmark and load anew leads to the room that they are in. */
  #showInAddress(roomName: string): void {
    if (roomName === readPageLink(location.search).roomName) return;
    history.replaceState(history.state, "", writePageLink(document.baseURI, { ...this.link, roomName }));
  }

  #credentials({ access, roomName, name }: JoinRequest): Credentials {
    if (access.kind === "token") return { url: access.serverUrl, token: access.token };
    const endpoint = new URL("token", document.baseURI).href;
    return {
      tokenSource: endpointTokenSource({
        endpoint,
        fetch: (url, init) => fetch(url, { ...init, cache: "no-store", signal: AbortSignal.timeout(ENDPOINT_DEADLINE_MS) }),
      }),
      tokenOptions: {
        ...(roomName && { roomName }),
        participantName: name || (this.#request?.speak ? "Guest" : "Listener"),
        participantIdentity: this.#identity,
      },
    };
  }

  #end(stay: Stay, ending: Ending, roomName: string): void {
    const state = this.get();
    if (state.screen === "live" && state.stay !== stay) return;
    const name = stay.get().room.room?.name || roomName;
    void stay.close();
    void this.microphone.close();
    const tokenByHand = this.#request?.access.kind === "token";
    this.set({ screen: "ended", ending: { ...ending, tokenByHand }, roomName: name });
  }
}

function roomOf({ access, roomName }: JoinRequest): string {
  if (access.kind === "endpoint") return roomName;
  try {
    return readToken(access.token).roomName ?? roomName;
  } catch {
    return roomName;
  }
}
