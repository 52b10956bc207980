/**
 * Solves A x = b for a symmetric positive definite A, given as rows, by Cholesky's factor. Null when A is not positive
 * definite. Neither argument is changed.
 */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] | null {
  const size = right.length;
  const lower: number[][] = [];
  for (let i = 0; i < size; i++) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      const other = j === i ? row : lower[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      if (j < i) row.push(sum / other[j]!);
      else if (sum > 0) row.push(Math.sqrt(sum));
      else return null;
    }
    lower.push(row);
  }
  const x = [...right];
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
