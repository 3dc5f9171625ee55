import { Slider } from "@base-ui/react/slider";
import type { RemoteParticipantState } from "@roomtone/core";
import { MicOff, Volume1, Volume2, VolumeX } from "lucide-react";
import { memo, useState } from "react";
import { nameOf } from "../state/chat.js";
import type { Stay } from "../state/stay.js";
import { LevelBar } from "./level-bar.js";
import { QualityBars } from "./quality-bars.js";

interface PersonStripProps {
  readonly stay: Stay;
  readonly person: RemoteParticipantState;
  /** We are away: what is shown is how it was. */
  readonly isAway: boolean;
}

/** Somebody else's channel: who, how loud, how well connected, and a fader. Drawn anew where something of that person changed. */
export const PersonStrip = memo(function PersonStrip({ stay, person, isAway }: PersonStripProps) {
  const name = nameOf(person);
  const tracks = person.tracks.filter(({ kind }) => kind === "audio");
  const muted = tracks.length > 0 && tracks.every((track) => track.muted);
  const speaking = person.speaking && !isAway;
  return (
    <li className="person" data-speaking={speaking || undefined}>
      <div className="person-head">
        <span className="person-lamp" aria-hidden="true" />
        <span className="person-name" title={name}>
          {name}
        </span>
        <p className="person-state">
          {muted && <MicOff size={14} aria-hidden="true" />}
          {tracks.length === 0 ? "Listening" : muted ? "Muted" : speaking ? "Speaking" : "On air"}
        </p>
        <QualityBars quality={isAway ? "unknown" : person.quality} />
      </div>
      {tracks.length > 0 && (
        <>
          <LevelBar label={`Level of ${name}`} read={() => (muted ? 0 : stay.meters.levelOf(person.identity))} />
          <Volume stay={stay} name={name} identity={person.identity} />
        </>
      )}
    </li>
  );
});

interface VolumeProps {
  readonly stay: Stay;
  readonly name: string;
  readonly identity: string;
}

function Volume({ stay, name, identity }: VolumeProps) {
  const [percent, setPercent] = useState(stay.volumes.get(identity) ?? 100);
  const Icon = percent === 0 ? VolumeX : percent < 50 ? Volume1 : Volume2;
  const change = (value: number) => {
    setPercent(value);
    stay.volumes.set(identity, value);
    stay.audio.setVolume(identity, value / 100);
  };
  return (
    <div className="volume">
      <Icon size={16} aria-hidden="true" />
      <Slider.Root role="presentation" className="slider" value={percent} min={0} max={100} step={1} largeStep={10} onValueChange={change}>
        <Slider.Control className="slider-control">
          <Slider.Track className="slider-track">
            <Slider.Indicator className="slider-fill" />
            <Slider.Thumb
              className="slider-thumb"
              aria-label={`Volume of ${name}`}
              getAriaValueText={(_formatted, value) => `${value} percent`}
            />
          </Slider.Track>
        </Slider.Control>
      </Slider.Root>
      <span className="volume-figure" aria-hidden="true">
        {percent}
      </span>
    </div>
  );
}
