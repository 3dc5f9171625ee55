import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { NetworkPoint } from "../state/network-history.js";

export interface ChartSeries {
  readonly title: string;
  readonly unit: string;
  /** Undefined where nothing is known: the line has a gap there. */
  readonly pick: (point: NetworkPoint) => number | undefined;
  /** The scale reaches so far at least, so that noise does not look like trouble. */
  readonly leastTop: number;
}

interface NetworkChartProps {
  readonly series: ChartSeries;
  readonly points: readonly NetworkPoint[];
}

const HEIGHT_PX = 120;
/** A chart that has just begun is a minute wide, and grows to what is kept. */
const LEAST_SPAN_S = 60;

/** One figure over time, ten minutes at most. Canvas: what changes is pixels, and no element is added with time. */
export function NetworkChart({ series, points }: NetworkChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  useEffect(() => {
    const parent = place.current;
    if (!parent) return undefined;
    const chart = new UPlot(options(series, parent), [[], []], parent);
    plot.current = chart;
    const sizes = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height: HEIGHT_PX }));
    sizes.observe(parent);
    return () => {
      sizes.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [series]);
  useEffect(() => {
    const lastMs = points.at(-1)?.atMs ?? 0;
    plot.current?.setData([points.map(({ atMs }) => (atMs - lastMs) / 1000), points.map((point) => series.pick(point) ?? null)]);
  }, [points, series]);
  return <div ref={place} className="chart" aria-hidden="true" />;
}

function options({ leastTop }: ChartSeries, parent: HTMLElement): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(parent).getPropertyValue(name);
  const axis = {
    stroke: color("--ink-soft"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "11px Archivo, sans-serif",
  };
  return {
    width: parent.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 16, 0, 0],
    scales: {
      x: { time: false, range: (_chart, oldest) => [Math.min(-LEAST_SPAN_S, oldest ?? 0), 0] },
      y: { range: (_chart, _low, high) => [0, Math.max(leastTop, (high ?? 0) * 1.15)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        incrs: [15, 30, 60, 120],
        space: 56,
        values: (_chart, splits) => splits.map((at) => (at === 0 ? "now" : at % 60 === 0 ? `${at / 60} min` : `${at} s`)),
      },
      { ...axis, size: 40, space: 34 },
    ],
    series: [{}, { stroke: color("--accent"), width: 1.75, points: { show: false }, spanGaps: false }],
  };
}
