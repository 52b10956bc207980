/** Lines with their columns under each other; the last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [head, ...rows].map((row) => row.map(onOneLine));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** What producers wrote must not move the cursor of an operator's terminal. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');

/** "2026-03-01T09:30:00.240Z" as "2026-03-01 09:30:00". */
export const shortTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
