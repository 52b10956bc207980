/** What a command found, for somebody to read: lines for a terminal, a page for a browser. */
export interface Report {
  readonly title: string;
  readonly about: readonly string[];
  readonly tables: readonly ReportTable[];
  /** What the figures mean. */
  readonly notes: readonly string[];
}

export interface ReportTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Below the table. */
  readonly remarks?: readonly string[];
}
