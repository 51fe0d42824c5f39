import { join } from "node:path";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";

/** Runs a guest that never ends, says when it has begun, and waits to be killed. */
const [toplevel = "", folder = ""] = process.argv.slice(2);
await runGuest(
  { architecture: "x86_64", acceleration: "tcg", kernel: chooseKernel({ toplevel, needs: [] }), disks: [] },
  { steps: [{ title: "wait for ever", argv: ["sleep", "100000"] }] },
  {
    logPath: join(folder, "log-killed"),
    resultsPath: join(folder, "results-killed"),
    deadlineSeconds: 300,
    onStep: () => process.stdout.write("begun\n"),
  },
);
