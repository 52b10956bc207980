export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
}

type Rated = (at: readonly number[]) => number;

/**
 * From `start` to a minimum of a smooth function of a few variables of about equal scale: near it by the downhill simplex
 * of Nelder & Mead (1965), which no wall or cliff stops, then to the bottom by the quasi-Newton steps of Broyden, Fletcher,
 * Goldfarb & Shanno (1970). A value that is not finite counts as infinitely bad.
 */
export function minimise(f: Rated, start: readonly number[]): Minimum {
  const rated: Rated = (at) => {
    const value = f(at);
    return Number.isFinite(value) ? value : Infinity;
  };
  return polish(rated, descend(rated, { at: start, value: rated(start) }));
}

function descend(rated: Rated, from: Minimum): Minimum {
  const size = from.at.length;
  const cornerAt = (at: readonly number[]): Minimum => ({ at, value: rated(at) });
  const corners = [from, ...from.at.map((_, i) => cornerAt(from.at.map((x, j) => (i === j ? x + 0.5 : x))))];
  for (let turn = 0; turn < 200 * size; turn++) {
    corners.sort((a, b) => a.value - b.value);
    const [best, worst, second] = [corners[0]!, corners[size]!, corners[size - 1]!];
    if (worst.value - best.value < 1e-5 * (1 + Math.abs(best.value))) break;
    const middle = from.at.map((_, j) => corners.slice(0, size).reduce((sum, { at }) => sum + at[j]!, 0) / size);
    const along = (factor: number): Minimum => cornerAt(middle.map((m, j) => m + factor * (m - worst.at[j]!)));
    const reflected = along(1);
    if (reflected.value < best.value) {
      const expanded = along(2);
      corners[size] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) {
      corners[size] = reflected;
    } else {
      const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
      if (contracted.value < Math.min(worst.value, reflected.value)) corners[size] = contracted;
      else for (let i = 1; i <= size; i++) corners[i] = cornerAt(corners[i]!.at.map((x, j) => (x + best.at[j]!) / 2));
    }
  }
  return corners.reduce((least, corner) => (corner.value < least.value ? corner : least));
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** By central differences: their error grows with the square of the step, that of rounding falls with it. */
function slopes(rated: Rated, at: readonly number[]): readonly number[] {
  const step = 1e-4;
  const moved = (i: number, by: number): number => rated(at.map((x, j) => (i === j ? x + by : x)));
  return at.map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step));
}

function polish(rated: Rated, from: Minimum): Minimum {
  let here = from;
  let slope = slopes(rated, here.at);
  let inverse: readonly (readonly number[])[] = here.at.map((_, i) => here.at.map((_, j) => Number(i === j)));
  for (let turn = 0; turn < 60; turn++) {
    if (!slope.every(Number.isFinite) || Math.sqrt(dot(slope, slope)) < 1e-7) break;
    const way = inverse.map((row) => -dot(row, slope));
    const next = alongLine(rated, here, way, dot(way, slope));
    if (next === null) break;
    const moved = next.at.map((x, i) => x - here.at[i]!);
    const after = slopes(rated, next.at);
    const turned = after.map((x, i) => x - slope[i]!);
    const curvature = dot(moved, turned);
    if (curvature > 0) {
      const bent = inverse.map((row) => dot(row, turned));
      const pull = (curvature + dot(turned, bent)) / (curvature * curvature);
      inverse = inverse.map((row, i) =>
        row.map((x, j) => x + pull * moved[i]! * moved[j]! - (bent[i]! * moved[j]! + moved[i]! * bent[j]!) / curvature),
      );
    }
    [here, slope] = [next, after];
  }
  return here;
}

/** Halves the step until the value falls enough (Armijo's condition); null when it does not. */
function alongLine(rated: Rated, from: Minimum, way: readonly number[], steepness: number): Minimum | null {
  if (steepness >= 0) return null;
  for (let length = 1; length > 1e-3; length /= 2) {
    const at = from.at.map((x, i) => x + length * way[i]!);
    const value = rated(at);
    if (value <= from.value + 1e-4 * length * steepness) return { at, value };
  }
  return null;
}
