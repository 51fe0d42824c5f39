import { printable, printableItem } from "../inspect/printable.ts";
import { quoteArguments } from "../base/quote.ts";
import { type Reporter, silentTask } from "../runtime/reporter.ts";
import type { Witness } from "../runtime/witness.ts";

interface Manner {
  /** Stands before each line where several systems are built side by side. */
  readonly prefix: string | undefined;
  /** Also when a task begins, and what it does meanwhile. */
  readonly verbose: boolean;
}

/** Says what happens in plain lines: a task when it has ended. */
export function lineReporter({ prefix, verbose }: Manner): Reporter & Witness {
  const write = (text: string): void =>
    void process.stderr.write(`${printableItem(`${prefix === undefined ? "" : `${prefix}: `}${text}`)}\n`);
  const more = verbose ? write : () => {};
  return {
    note: (text) => write(`note: ${text}`),
    command: (argv) => more(`  $ ${printable(quoteArguments(argv))}`),
    output: (line) => more(`  | ${printable(line)}`),
    task: async (title, work) => {
      const start = performance.now();
      more(`${title} ...`);
      const detail = (text: string): void => more(`  ${text}`);
      const result = await work({ ...silentTask, detail, step: (text) => write(`  ${text}`) });
      write(`${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      return result;
    },
  };
}
