/** What one check saw. `todo` says what to do about it, in the reader's terms. */
export type Finding =
  | { readonly kind: 'well'; readonly name: string; readonly detail: string }
  | { readonly kind: 'ill'; readonly name: string; readonly detail: string; readonly todo: string };

export const well = (name: string, detail: string): Finding => ({ kind: 'well', name, detail });
export const ill = (name: string, detail: string, todo: string): Finding => ({ kind: 'ill', name, detail, todo });

export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return error.message === '' ? (code ?? error.name) : `${error.message}${cause}`;
};
