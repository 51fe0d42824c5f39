import { readFileSync } from "node:fs";

/** A process, which is not taken for another that has its number later. */
export interface Owner {
  readonly pid: number;
  /** When it began, in ticks since this machine was started. */
  readonly start: number;
}

/** This process. */
export function ourselves(): Owner {
  return { pid: process.pid, start: statusOf(process.pid)?.start ?? 0 };
}

/** Whether it still runs. One that has ended stays in the table of processes until its parent has asked for it. */
export function isAlive({ pid, start }: Owner): boolean {
  const status = statusOf(pid);
  return status !== undefined && !/[ZXx]/.test(status.state) && status.start === start;
}

/** Source: proc_pid_stat(5). A program's name may have any characters in it, and is the only field in parentheses. */
function statusOf(pid: number): { readonly state: string; readonly start: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", start: Number(fields[19]) };
  } catch {
    return undefined;
  }
}
