import { Listr } from "listr2";
import { formatSize } from "../layout/units.ts";
import type { Reporter, TaskReporter } from "../process/reporter.ts";

/** How a command shows what it does, on standard error. */
export interface Appearance {
  /** Only errors. */
  readonly quiet?: boolean;
  /** One JSON object a line, for machines. */
  readonly events?: boolean;
  /** Stands before each line where several builds run side by side. */
  readonly prefix?: string;
}

/** The reporter for this terminal, or for where there is none. */
export function makeReporter(appearance: Appearance): Reporter {
  if (appearance.quiet === true) return quietReporter;
  if (appearance.events === true) return eventReporter(appearance.prefix);
  const animated = process.stderr.isTTY && appearance.prefix === undefined;
  return animated ? terminalReporter : plainReporter(appearance.prefix);
}

const silent: TaskReporter = { progress: () => {}, detail: () => {} };

const quietReporter: Reporter = { task: (_title, work) => work(silent), note: () => {} };

/** Events: `{"event": "task" | "progress" | "done" | "failed" | "note", …}`, one a line. */
function eventReporter(system: string | undefined): Reporter {
  const write = (event: object): void => void process.stderr.write(`${JSON.stringify({ ...event, system })}\n`);
  return {
    note: (text) => write({ event: "note", text }),
    task: async (title, work) => {
      write({ event: "task", title });
      const progress = atMostEvery(250, (done: number, total: number) =>
        write({ event: "progress", title, done, total }),
      );
      try {
        const result = await work({ progress, detail: (text) => write({ event: "detail", title, text }) });
        write({ event: "done", title });
        return result;
      } catch (error) {
        write({ event: "failed", title });
        throw error;
      }
    },
  };
}

function plainReporter(prefix: string | undefined): Reporter {
  const write = (text: string): void =>
    void process.stderr.write(`${prefix === undefined ? "" : `${prefix}: `}${text}\n`);
  return {
    note: (text) => write(`note: ${text}`),
    task: async (title, work) => {
      const start = performance.now();
      const result = await work(silent);
      write(`${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      return result;
    },
  };
}

const terminalReporter: Reporter = {
  note: (text) => void process.stderr.write(`  note: ${text}\n`),
  task: async (title, work) => {
    let result: Awaited<ReturnType<typeof work>> | undefined;
    const list = new Listr([{ title, task: async (_, task) => (result = await work(listrReporter(title, task))) }], {
      rendererOptions: { showErrorMessage: false },
    });
    await list.run();
    return result as Awaited<ReturnType<typeof work>>;
  },
};

function listrReporter(title: string, task: { title: string; output: string }): TaskReporter {
  const start = performance.now();
  return {
    detail: (text) => (task.output = text),
    progress: atMostEvery(100, (done: number, total: number) => {
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

/** The first and the last call always get through. */
function atMostEvery(milliseconds: number, show: (done: number, total: number) => void): TaskReporter["progress"] {
  let last = -Infinity;
  return (done, total) => {
    if (done < total && performance.now() - last < milliseconds) return;
    last = performance.now();
    show(done, total);
  };
}
