/** What one question to the API came to. `away`: ask again, it may come back; `refused`: asking again will not help. */
export type Answer<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'away'; readonly detail: string };

const patienceMs = 10_000;

/** Asks the API. `path` begins without a slash, so that the console works under any prefix. */
export async function ask<T>(path: string, signal: AbortSignal): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    if (response.ok) return { kind: 'value', value: (await response.json()) as T };
    if (response.status === 404) return { kind: 'missing' };
    const detail = `${response.status} ${response.statusText}`.trim();
    const passing = response.status >= 500 || response.status === 429 || response.status === 408;
    return { kind: passing ? 'away' : 'refused', detail };
  } catch (error) {
    return { kind: 'away', detail: error instanceof Error ? error.message : String(error) };
  }
}
