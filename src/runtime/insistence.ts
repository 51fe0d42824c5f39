// Whoever has asked this process to stop, and does so again, does not want to wait for what is being finished.

const listeners = new Set<() => void>();

/** Tells all who finish something that it is not waited for. */
export function insist(): void {
  listeners.forEach((listener) => listener());
}

/** Does some work, and tells `listener` each time when somebody does not want to wait for its end. */
export async function heedingInsistence<Result>(listener: () => void, work: () => Promise<Result>): Promise<Result> {
  listeners.add(listener);
  try {
    return await work();
  } finally {
    listeners.delete(listener);
  }
}
