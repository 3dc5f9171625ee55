import type { EncodedPacket, PacketStream } from "./capture.js";
import { Fanout, FanoutConsumer, type FanoutConsumerOptions } from "./fanout.js";

/** One producer's packets, given to any number of consumers, each with a bounded queue of its own. */
export class PacketFanout extends Fanout<EncodedPacket, PacketConsumer> {
  protected override durationMs(packet: EncodedPacket): number {
    return packet.durationUs / 1000;
  }

  protected override createConsumer(options: FanoutConsumerOptions<EncodedPacket>): PacketConsumer {
    return new PacketConsumer(options);
  }
}

class PacketConsumer extends FanoutConsumer<EncodedPacket> implements PacketStream {
  get droppedPackets(): number {
    return this.dropped;
  }
}
