import type { Tool } from "../../src/runtime/tools.ts";
import type { JobStep } from "../../src/guest/job.ts";

/** Programs that wait until udev has looked at a device that they made, and give up where there is none. */
const waiting: ReadonlySet<Tool> = new Set(["zpool"]);

/** The tools of a job, with udev where one of them waits for it. */
export function withUdev(tools: readonly Tool[]): Tool[] {
  return tools.some((tool) => waiting.has(tool)) ? [...new Set<Tool>([...tools, "udevadm"])] : [...tools];
}

/** The step that starts udev, where these tools have it. */
export function startUdev(tools: readonly Tool[]): JobStep[] {
  return tools.includes("udevadm") ? [{ title: "start udev", argv: ["/vm/start-udev"] }] : [];
}
