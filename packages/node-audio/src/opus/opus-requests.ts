import type { OpusSettings } from "@roomtone/core";
import type { NativeOpusCodec } from "../natives/load-opus.js";

/**
 * The encoder requests that are safe to make: all of them set a number. A request that gets one writes through a pointer
 * that is not there, and ends the process. Numbers from libopus' opus_defines.h.
 */
export const opusRequests = {
  application: 4000,
  bitrate: 4002,
  maxBandwidth: 4004,
  variableBitrate: 4006,
  complexity: 4010,
  inbandFec: 4012,
  packetLossPercent: 4014,
  dtx: 4016,
  signal: 4024,
} as const;

const applications = { voip: 2048, audio: 2049, "restricted-lowdelay": 2051 } as const;
const bandwidths = { narrowband: 1101, mediumband: 1102, wideband: 1103, superwideband: 1104, fullband: 1105 } as const;
const signals = { auto: -1000, voice: 3001, music: 3002 } as const;

/** What each setting is to libopus. `frameDurationMs` and `channels` are none: they are the frame's shape and the encoder's. */
const requestOf: { readonly [Name in keyof OpusSettings]?: (value: OpusSettings[Name]) => readonly [number, number] } = {
  application: (value) => [opusRequests.application, applications[value]],
  bitrateBps: (value) => [opusRequests.bitrate, value],
  maxBandwidth: (value) => [opusRequests.maxBandwidth, bandwidths[value]],
  variableBitrate: (value) => [opusRequests.variableBitrate, Number(value)],
  complexity: (value) => [opusRequests.complexity, value],
  forwardErrorCorrection: (value) => [opusRequests.inbandFec, Number(value)],
  expectedPacketLossPercent: (value) => [opusRequests.packetLossPercent, value],
  discontinuousTransmission: (value) => [opusRequests.dtx, Number(value)],
  signal: (value) => [opusRequests.signal, signals[value]],
};

/**
 * Applies to `codec` what differs between `before` and `settings`, all of it where there is no `before`.
 * `settings` are valid: nothing is checked here. The application can only be set on an encoder that has encoded nothing.
 */
export function applyOpusSettings(codec: NativeOpusCodec, settings: OpusSettings, before?: OpusSettings): void {
  for (const name of Object.keys(requestOf) as (keyof OpusSettings)[]) {
    if (before && settings[name] === before[name]) continue;
    const request = requestOf[name] as ((value: unknown) => readonly [number, number]) | undefined;
    if (request) codec.applyEncoderCTL(...request(settings[name]));
  }
}
