import { emit, type MkimageEvent } from "./events/event.ts";
import { ownVersion } from "../runtime/project-folder.ts";
import type { Reporter } from "../runtime/reporter.ts";
import type { Witness } from "../runtime/witness.ts";
import { atMostEvery } from "./at-most-every.ts";

type EventOfSystem = Exclude<MkimageEvent, { readonly event: "interrupted" | "error" }>;

/** Says everything as events; `system` is part of each where several are built side by side. */
export function eventReporter(system: string | undefined): Reporter & Witness {
  const say = (event: EventOfSystem): void => emit(system === undefined ? event : { ...event, system });
  say({ event: "start", version: 1, mkimage: ownVersion() });
  return {
    note: (text) => say({ event: "note", text }),
    command: (argv) => say({ event: "command", argv: [...argv] }),
    output: (text) => say({ event: "output", text }),
    task: async (title, work) => {
      const start = performance.now();
      const seconds = (): number => Math.round(performance.now() - start) / 1000;
      const progress = atMostEvery(250, (done, total) => say({ event: "progress", title, done, total }));
      say({ event: "task", title });
      try {
        const detail = (text: string): void => say({ event: "detail", title, text });
        const result = await work({ progress, counted: progress, detail, step: detail });
        say({ event: "done", title, seconds: seconds() });
        return result;
      } catch (error) {
        say({ event: "failed", title, seconds: seconds() });
        throw error;
      }
    },
  };
}
