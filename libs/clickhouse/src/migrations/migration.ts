export interface Migration {
  /** Always one more than the last: nothing is ever slotted in between. */
  readonly version: number;
  readonly name: string;
  /** Each may be repeated without harm. `$db` stands for the database. */
  readonly statements: readonly string[];
}
