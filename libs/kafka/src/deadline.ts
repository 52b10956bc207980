/** The promise's outcome, or a throw after `boundMs`. What it stands for goes on regardless: whoever gives up cleans up. */
export async function within<T>(boundMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`${what} took more than ${boundMs} ms`)), boundMs);
  });
  try {
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
  }
}
