import { Listr } from "listr2";
import { printableItem, printableLines } from "../inspect/printable.ts";
import { formatSize } from "../base/units.ts";
import type { Reporter, TaskReporter } from "../runtime/reporter.ts";
import { atMostEvery } from "./at-most-every.ts";

/** Shows tasks with bars, rates and the time left on a terminal that moves. */
export const terminalReporter: Reporter = {
  note: (text) => void process.stderr.write(`${printableItem(`  note: ${text}`)}\n`),
  task: async (title, work) => {
    const shown = printableItem(title);
    let result: Awaited<ReturnType<typeof work>> | undefined;
    const list = new Listr(
      [{ title: shown, task: async (_, task) => (result = await work(listrReporter(shown, task))) }],
      {
        rendererOptions: { showErrorMessage: false },
      },
    );
    await list.run();
    return result as Awaited<ReturnType<typeof work>>;
  },
};

function listrReporter(title: string, task: { title: string; output: string }): TaskReporter {
  const start = performance.now();
  return {
    // What is over makes room for what goes on.
    step: () => {},
    detail: (text) => (task.output = printableLines(text)),
    counted: (done, total) => (task.title = `${title} ${bar(done, total)} ${done} of ${total}`),
    progress: atMostEvery(100, (done, total) => {
      task.title = `${title} ${bar(done, total)} ${remaining(done, total, performance.now() - start)}`;
    }),
  };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 20 : Math.round((20 * done) / total);
  return `${"█".repeat(filled)}${"░".repeat(20 - filled)} ${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}

function remaining(done: number, total: number, milliseconds: number): string {
  if (milliseconds < 500 || done === 0) return "";
  const rate = done / milliseconds;
  return `${formatSize(Math.round(rate * 1000))}/s, ${Math.ceil((total - done) / rate / 1000)} s left`;
}
