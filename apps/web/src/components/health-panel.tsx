import { lazy, Suspense } from "react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { describeCodec, figure, writeDiagnostics } from "../state/diagnostics.js";
import { connectionWords, describeHealth } from "../state/health.js";
import type { NetworkPoint } from "../state/network-history.js";
import type { Stay } from "../state/stay.js";
import { CopyButton } from "./copy-button.js";
import type { ChartSeries } from "./network-chart.js";

const NetworkChart = lazy(async () => ({ default: (await import("./network-chart.js")).NetworkChart }));

const series: readonly ChartSeries[] = [
  {
    title: "Bitrate",
    unit: "kbit/s",
    leastTop: 48,
    pick: ({ bitrateBps }) => (bitrateBps === undefined ? undefined : bitrateBps / 1000),
  },
  { title: "Loss", unit: "%", leastTop: 5, pick: ({ lossPercent }) => lossPercent },
  { title: "Jitter", unit: "ms", leastTop: 20, pick: ({ jitterMs }) => jitterMs },
  { title: "Round trip", unit: "ms", leastTop: 50, pick: ({ roundTripMs }) => roundTripMs },
];

/** How the connection fares: in words, in figures, and over time. */
export function HealthPanel({ stay }: { readonly stay: Stay }) {
  const desk = useStudio().microphone;
  const microphone = useStore(desk);
  const state = useStore(stay);
  const points = useStore(stay.network);
  const health = describeHealth(state, microphone);
  return (
    <div className="health">
      <div className="health-words" data-tone={health.tone}>
        <h2>{health.title}</h2>
        <p>{health.sentence}</p>
      </div>
      <div className="charts">
        {series.map((one) => (
          <figure key={one.title} className="chart-card">
            <figcaption>
              <span>{one.title}</span>
              <span className="chart-figure">{newest(one, points)}</span>
            </figcaption>
            <Suspense fallback={<div className="chart" />}>
              <NetworkChart series={one} points={points} />
            </Suspense>
          </figure>
        ))}
      </div>
      {state.speaking === "no" && <p className="quiet">These figures are of what you send; you only listen.</p>}
      <dl className="facts">
        <dt>Connection</dt>
        <dd>{connectionWords[state.room.quality]}</dd>
        <dt>Codec</dt>
        <dd>{state.speaking === "no" ? "Nothing is sent" : describeCodec()}</dd>
        <dt>Driver</dt>
        <dd>{stay.driver}, one resume, then rejoined by Roomtone</dd>
        <dt>Microphone</dt>
        <dd>{microphone.deviceName || "Off"}</dd>
        <dt>Tracks heard</dt>
        <dd>{stay.audio.tracks.length}</dd>
      </dl>
      <CopyButton label="Copy diagnostics" text={() => writeDiagnostics(stay, desk.get(), Date.now())} />
      <p className="quiet">States and figures alone: no token, no names, nothing that was said.</p>
    </div>
  );
}

function newest(one: ChartSeries, points: readonly NetworkPoint[]): string {
  const last = points.at(-1);
  return figure(last && one.pick(last), one.unit);
}
