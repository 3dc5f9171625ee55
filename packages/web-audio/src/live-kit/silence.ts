/**
 * A track of silence that runs without any device. Where the browser holds sound back until a click it delivers nothing, and others
 * see the muted track only once it is unmuted.
 */
export function openSilence(): { readonly track: MediaStreamTrack; close(): void } {
  const context = new AudioContext();
  const track = context.createMediaStreamDestination().stream.getAudioTracks()[0] as MediaStreamTrack;
  void context.resume().catch(() => {});
  return {
    track,
    close: () => {
      track.stop();
      void context.close();
    },
  };
}
