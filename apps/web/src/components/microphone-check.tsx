import { Mic, Play, RotateCcw } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useDevices } from "../hooks/use-devices.js";
import { useKeptFocus } from "../hooks/use-kept-focus.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { isHopeless, MICROPHONE_ASKED, mayBeDevice, microphoneAdvice } from "../state/microphone-advice.js";
import { VoiceTest } from "../state/voice-test.js";
import { DeviceSelect } from "./device-select.js";
import { LevelBar } from "./level-bar.js";
import { MicrophoneWarnings } from "./microphone-warnings.js";
import { Notice } from "./notice.js";

/** The microphone before joining: which one, how loud, and how it sounds. */
export function MicrophoneCheck() {
  const { microphone: desk, memory } = useStudio();
  const state = useStore(desk);
  const devices = useDevices();
  const test = useMemo(() => new VoiceTest(), []);
  const { status, message } = useStore(test);
  const inputs = devices.filter(({ kind }) => kind === "input");
  const named = inputs.filter((device) => device.named);
  const allowed = named.length > 0;
  const place = useKeptFocus<HTMLDivElement>();
  useEffect(() => () => test.stop(), [test]);
  // The person has allowed the microphone before: asking again would be asking for nothing.
  useEffect(() => {
    if (allowed && desk.get().status === "off") void desk.open(memory.get().deviceId);
  }, [allowed, desk, memory]);

  const choose = (deviceId: string) => {
    memory.change({ deviceId });
    void desk.choose(deviceId);
  };
  if (!state.microphone) {
    const advice = state.error && microphoneAdvice(state.error);
    return (
      <div ref={place} className="check">
        <div className="check-news" role="status">
          {advice ? (
            <Notice tone="warning" title={advice.title}>
              {advice.sentence}
            </Notice>
          ) : (
            <p className="quiet">
              {state.status === "opening" && !allowed ? MICROPHONE_ASKED : "See your level and hear yourself before anybody else does."}
            </p>
          )}
        </div>
        {mayBeDevice(state.error) && named.length > 1 && (
          <DeviceSelect label="Microphone" devices={named} deviceId={state.deviceId} onChoose={choose} />
        )}
        {!isHopeless(state.error) && (
          <button
            type="button"
            className="button"
            aria-disabled={state.status === "opening"}
            onClick={() => void desk.open(memory.get().deviceId)}
          >
            {advice ? <RotateCcw size={17} aria-hidden="true" /> : <Mic size={17} aria-hidden="true" />}
            {state.status === "opening" ? "Waiting for the browser…" : advice ? "Try the microphone again" : "Turn on the microphone"}
          </button>
        )}
      </div>
    );
  }
  const { microphone, meter } = state;
  const testing = status === "recording" || status === "playing";
  return (
    <div ref={place} className="check">
      <DeviceSelect label="Microphone" devices={inputs} deviceId={state.deviceId} onChoose={choose} />
      <LevelBar label="Level of your microphone" read={() => meter?.reading.level ?? 0} />
      <MicrophoneWarnings meter={meter} />
      <MicrophoneRemark />
      <div className="check-test">
        <button type="button" className="button" aria-disabled={testing} onClick={() => void (testing || test.run(microphone))}>
          <Play size={17} aria-hidden="true" />
          {status === "recording" ? "Recording…" : status === "playing" ? "Playing…" : "Test: three seconds"}
        </button>
        <p className="quiet" role="status">
          {message}
        </p>
      </div>
    </div>
  );
}

/** What happened to the microphone of late. */
function MicrophoneRemark() {
  const { notice } = useStore(useStudio().microphone);
  return (
    <p className="quiet" role="status">
      {notice}
    </p>
  );
}
