/**
 * Does something with an open file. What the operating system says of a descriptor names no file: its errors are given
 * this one, as those of opening it have it.
 */
export function naming<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw named(path, error);
  }
}

/** As `naming`, for what takes its time. */
export async function namingAll<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw named(path, error);
  }
}

/** The error itself; one of the operating system's has a path then. */
export function named(path: string, error: unknown): unknown {
  const { errno, path: known } = error as NodeJS.ErrnoException;
  return errno !== undefined && known === undefined ? Object.assign(error as Error, { path }) : error;
}
