import { type PcmCapture, type Publication, type RoomCallbacks, type RoomSession, RoomtoneError } from "@roomtone/core";
import { joinRoom, openTone } from "@roomtone/node-audio";
import { type HeardAudio, heardAudio } from "@roomtone/testing";

export interface NodePeerOptions {
  readonly identity: string;
  readonly name?: string;
  /** Publishes a tone of so many hertz. */
  readonly toneHz?: number;
  readonly muted?: boolean;
}

const WINDOW_FRAMES = 30;

/** Another participant, from Node by way of node-audio: it sends a tone, hears tracks and keeps messages. */
export class NodePeer {
  readonly messages: { readonly topic: string; readonly text: string; readonly from: string }[] = [];
  readonly trackSids: string[] = [];
  readonly room: RoomSession;
  publication: Publication | undefined;
  readonly #heard: Map<string, Int16Array[]>;
  readonly #tone: PcmCapture | undefined;

  private constructor(room: RoomSession, heard: Map<string, Int16Array[]>, tone: PcmCapture | undefined) {
    this.room = room;
    this.#heard = heard;
    this.#tone = tone;
  }

  static async join(url: string, token: string, { toneHz, muted = false }: NodePeerOptions): Promise<NodePeer> {
    const heard = new Map<string, Int16Array[]>();
    let peer: NodePeer | undefined;
    const on: RoomCallbacks = {
      "track-subscribed": ({ participant, track, audio }) => {
        peer?.trackSids.push(track.sid);
        if (audio?.kind === "pcm") void listen(audio.frames(), heard, participant.name);
      },
      "data-received": ({ payload, topic, participant }) => {
        peer?.messages.push({ topic, text: new TextDecoder().decode(payload), from: participant?.name ?? "" });
      },
    };
    const tone = toneHz === undefined ? undefined : openTone({ frequencyHz: toneHz });
    const room = await joinRoom({ url, token }, { subscribe: true, on });
    peer = new NodePeer(room, heard, tone);
    if (tone) peer.publication = await room.publish(tone, { name: "tone", muted });
    return peer;
  }

  /** The newest 300 ms of what somebody sends. */
  hear(name: string): HeardAudio {
    const blocks = this.#heard.get(name) ?? [];
    if (blocks.length < WINDOW_FRAMES) return { level: 0, frequencyHz: 0 };
    return heardAudio(Int16Array.from(blocks.flatMap((block) => [...block])), 48_000);
  }

  async say(text: string, topic = "roomtone.chat"): Promise<void> {
    await this.room.sendData(new TextEncoder().encode(text), { topic });
  }

  async leave(): Promise<void> {
    await this.room.close();
    await this.#tone?.close();
  }
}

async function listen(
  frames: AsyncIterable<{ readonly samples: Int16Array; readonly format: { readonly channels: number } }>,
  heard: Map<string, Int16Array[]>,
  name: string,
): Promise<void> {
  const blocks: Int16Array[] = [];
  heard.set(name, blocks);
  try {
    for await (const { samples, format } of frames) {
      blocks.push(samples.filter((_, index) => index % format.channels === 0));
      if (blocks.length > WINDOW_FRAMES) blocks.shift();
    }
  } catch (error) {
    if (!(error instanceof RoomtoneError)) throw error;
  }
}
