export interface Point {
  readonly hours: number;
  readonly value: number;
}

/** Per cent of its mean that a value gains in an hour, by the straight line that fits the points best; null for too few. */
export function percentPerHour(points: readonly Point[]): number | null {
  if (points.length < 3) return null;
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanHours = mean((point) => point.hours);
  const meanValue = mean((point) => point.value);
  const spread = mean((point) => (point.hours - meanHours) ** 2);
  if (spread === 0 || meanValue === 0) return null;
  return (mean((point) => (point.hours - meanHours) * (point.value - meanValue)) / spread / meanValue) * 100;
}
