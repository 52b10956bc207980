/**
 * Who holds something that has one owner at a time. Whoever takes it over gets the next generation, and from then on
 * every write under an earlier fence is refused with ChurnError FENCED: an owner that slept through the change may
 * wake at any instant and still believe itself to be the owner.
 */
export interface Fence {
  readonly resource: string;
  readonly generation: number;
  /** Made up anew with each takeover: tells two apart that took the same generation. */
  readonly owner: string;
}

export const fenceText = ({ resource, generation, owner }: Fence): string => `${resource}|${generation}|${owner}`;
