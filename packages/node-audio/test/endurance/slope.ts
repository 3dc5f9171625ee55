/** A figure read at a time. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

export interface Slope {
  readonly perHour: number;
  /** The slope is below this with a confidence of 95 %. */
  readonly boundPerHour: number;
}

const MS_PER_HOUR = 3_600_000;
const FEWEST_READINGS = 8;
const Z_95 = 1.645;

/**
 * The least-squares slope of `readings`, and its one-sided bound. A process's memory remembers where it was a reading ago, so the
 * standard error grows with the residuals' correlation from one reading to the next.
 */
export function slopeOf(readings: readonly Reading[]): Slope {
  const count = readings.length;
  if (count < FEWEST_READINGS) throw new Error(`a slope wants ${FEWEST_READINGS} readings, and there are ${count}`);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const hours = readings.map(({ atMs }) => atMs / MS_PER_HOUR);
  const meanHours = mean(hours);
  const meanValue = mean(readings.map(({ value }) => value));
  const spread = hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0);
  const perHour = readings.reduce((sum, { value }, index) => sum + ((hours[index] ?? 0) - meanHours) * (value - meanValue), 0) / spread;
  const residuals = readings.map(({ value }, index) => value - meanValue - perHour * ((hours[index] ?? 0) - meanHours));
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const neighbours = residuals.slice(1).reduce((sum, residual, index) => sum + residual * (residuals[index] ?? 0), 0);
  const correlation = squares === 0 ? 0 : Math.min(0.9, Math.max(0, neighbours / squares));
  const freedom = count - 2;
  const error = Math.sqrt((squares / freedom / spread) * ((1 + correlation) / (1 - correlation)));
  const student = Z_95 + (Z_95 ** 3 + Z_95) / (4 * freedom);
  return { perHour, boundPerHour: perHour + student * error };
}
