import type { FleetFigures } from "./fleets.ts";
import type { MicrophoneMedians } from "./tables.ts";

const COLOURS = ["#2563eb", "#7c3aed", "#0d9488", "#d97706", "#64748b"];
const PANEL = { width: 300, labels: 170, bar: 16, gap: 8, title: 26 };

interface Panel {
  readonly title: string;
  readonly bars: ReadonlyArray<{ readonly label: string; readonly value: number }>;
}

/** Bars, one panel a quantity, as a picture that any page shows: black on white, shorter is better. */
export function plot(microphone: MicrophoneMedians, fleets: readonly FleetFigures[]): string {
  const each = (title: string, key: "cpuPercent" | "latencyP50Ms" | "startMs" | "memoryMb"): Panel => ({
    title,
    bars: [...microphone].map(([label, figures]) => ({ label, value: figures[key] })),
  });
  const panels: Panel[] = [
    ...(microphone.size > 0
      ? [
          each("One microphone: CPU of a core, %", "cpuPercent"),
          each("Mouth to ear, median, ms", "latencyP50Ms"),
          each("Process start → first audio, ms", "startMs"),
          each("Memory, MB", "memoryMb"),
        ]
      : []),
    ...(fleets.length > 0
      ? [
          {
            title: "Many streams in one process: CPU of a core for each, %",
            bars: fleets.map(({ name, streams, cpuPercent }) => ({ label: `${streams} × ${name}`, value: cpuPercent })),
          },
        ]
      : []),
  ];
  let top = 10;
  const parts = panels.map((panel) => {
    const drawn = drawPanel(panel, top);
    top += PANEL.title + panel.bars.length * (PANEL.bar + PANEL.gap) + 14;
    return drawn;
  });
  const width = PANEL.labels + PANEL.width + 70;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, bars }: Panel, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const lines = bars.map(({ label, value }, index) => {
    const y = top + PANEL.title + index * (PANEL.bar + PANEL.gap);
    const width = Math.max(1, Math.round((value / most) * PANEL.width));
    const text = y + PANEL.bar - 4;
    return [
      `<text x="${PANEL.labels - 8}" y="${text}" text-anchor="end" fill="#111">${label}</text>`,
      `<rect x="${PANEL.labels}" y="${y}" width="${width}" height="${PANEL.bar}" fill="${COLOURS[index % COLOURS.length]}"/>`,
      `<text x="${PANEL.labels + width + 6}" y="${text}" fill="#111">${value}</text>`,
    ].join("");
  });
  return [`<text x="10" y="${top + 14}" font-weight="bold" fill="#111">${title}</text>`, ...lines].join("\n");
}
