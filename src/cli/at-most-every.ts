import type { TaskReporter } from "../runtime/reporter.ts";

/** Shows progress no more often than that. The first and the last call always get through. */
export function atMostEvery(
  milliseconds: number,
  show: (done: number, total: number) => void,
): TaskReporter["progress"] {
  let last = -Infinity;
  return (done, total) => {
    if (done < total && performance.now() - last < milliseconds) return;
    last = performance.now();
    show(done, total);
  };
}
