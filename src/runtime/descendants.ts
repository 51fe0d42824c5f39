import { readdirSync, readFileSync } from "node:fs";

/** The processes that a process has started, and those that they have, as far as they are still theirs. */
export function descendantsOf(pid: number): number[] {
  const children = Map.groupBy(processes(), ({ parent }) => parent);
  const found: number[] = [];
  for (const waiting = [pid]; waiting.length > 0;) {
    const below = (children.get(waiting.pop() as number) ?? []).map((child) => child.pid);
    found.push(...below);
    waiting.push(...below);
  }
  return found;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
}

function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? processAt(Number(name)) : []));
}

/** Source: proc(5), /proc/PID/stat: the parent is the second field behind the name, which stands in brackets. */
function processAt(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return [{ pid, parent }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
