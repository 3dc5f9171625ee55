/** CELT at full band, the longest first, with the configuration that its first byte names (RFC 6716, section 3.1). */
const lengths = [
  { samples: 960, configuration: 31 },
  { samples: 480, configuration: 30 },
  { samples: 240, configuration: 29 },
  { samples: 120, configuration: 28 },
] as const;

export interface SilentPacket {
  readonly payload: Uint8Array;
  readonly samples: number;
}

/** Opus packets of silence, `samples` at 48 kHz long together, less what is shorter than 2.5 ms. One at a time, since a gap can be hours long. */
export function* silentPackets(samples: number, channels: 1 | 2): Generator<SilentPacket> {
  let left = samples;
  for (const { samples: length, configuration } of lengths) {
    const payload = Uint8Array.of((configuration << 3) | (channels === 2 ? 4 : 0), 0xff, 0xfe);
    for (; left >= length; left -= length) yield { payload, samples: length };
  }
}
