import { Headphones, Mic } from "lucide-react";
import { useEffect } from "react";
import { useDevices } from "../hooks/use-devices.js";
import { useKeptFocus } from "../hooks/use-kept-focus.js";
import { useKeyboard } from "../hooks/use-keyboard.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { isHopeless, mayBeDevice, microphoneRemedy } from "../state/microphone-advice.js";
import type { Stay } from "../state/stay.js";
import { describeTalk } from "../state/talk-state.js";
import { DeviceSelect } from "./device-select.js";
import { LevelBar } from "./level-bar.js";
import { MicrophoneWarnings } from "./microphone-warnings.js";
import { OutputSelect } from "./output-select.js";
import { TalkButton } from "./talk-button.js";

/** One's own channel: the key, the level, the devices. */
export function OwnChannel({ stay }: { readonly stay: Stay }) {
  const { microphone: desk, memory } = useStudio();
  const state = useStore(desk);
  const { speaking } = useStore(stay);
  const devices = useDevices();
  const inputs = devices.filter(({ kind, named }) => kind === "input" && named);
  const { meter, microphone } = state;
  const place = useKeptFocus<HTMLElement>();
  const choose = (deviceId: string) => {
    memory.change({ deviceId });
    void desk.choose(deviceId);
  };
  const speakUp = async () => {
    const opened = await desk.open(memory.get().deviceId);
    if (opened) await stay.speak(opened, true);
  };
  const chooseToSpeak = (deviceId: string) => {
    memory.change({ deviceId });
    void speakUp();
  };
  const muted = useStore(stay).room.publications[0]?.muted ?? false;
  useEffect(() => {
    meter?.setMuted(muted);
  }, [meter, muted]);

  if (speaking === "no") {
    return (
      <section ref={place} className="channel" aria-label="You">
        <div className="listening-sign">
          <Headphones size={34} strokeWidth={1.6} aria-hidden="true" />
          <p className="channel-state">Listening only</p>
          <p className="quiet" role="status">
            {state.error ? microphoneRemedy(state.error) : "Nothing of you is sent."}
          </p>
        </div>
        <div className="channel-devices">
          {!isHopeless(state.error) && (
            <button type="button" className="button" aria-disabled={state.status === "opening"} onClick={() => void speakUp()}>
              <Mic size={17} aria-hidden="true" />
              {state.status === "opening" ? "Waiting for the browser…" : "Join with the microphone"}
            </button>
          )}
          {mayBeDevice(state.error) && inputs.length > 1 && (
            <DeviceSelect label="Microphone" devices={inputs} deviceId={state.deviceId} onChoose={chooseToSpeak} />
          )}
          <OutputSelect stay={stay} devices={devices} />
        </div>
      </section>
    );
  }
  return (
    <section ref={place} className="channel" aria-label="You">
      <TalkButton stay={stay} />
      <div className="channel-level">
        <TalkState stay={stay} />
        <LevelBar label="Level of your microphone" read={() => meter?.reading.level ?? 0} />
        <MicrophoneWarnings meter={state.status === "lost" ? undefined : meter} />
      </div>
      <div className="channel-devices">
        {microphone && (
          <DeviceSelect
            label="Microphone"
            devices={devices.filter(({ kind }) => kind === "input")}
            deviceId={state.deviceId}
            onChoose={choose}
          />
        )}
        <OutputSelect stay={stay} devices={devices} />
        {/* While it is looked for, the notice above everything says so. */}
        <p className="quiet" role="status">
          {state.status === "lost" ? "" : state.notice}
        </p>
      </div>
    </section>
  );
}

/** Said by screen readers each time that it changes. */
function TalkState({ stay }: { readonly stay: Stay }) {
  const { words, onAir } = describeTalk(useStore(stay), useStore(useStudio().microphone));
  const hasKeyboard = useKeyboard();
  return (
    <div>
      <p className="channel-state" role="status" data-tone={onAir ? "open" : "muted"}>
        {words}
      </p>
      {hasKeyboard && (
        <p className="quiet">
          Hold <kbd>Space</kbd> to talk while muted
        </p>
      )}
    </div>
  );
}
