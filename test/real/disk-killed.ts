import { devicesHere } from "../../src/machine/device-place.ts";
import { writeImage } from "../../src/machine/write-image.ts";
import { watchingReporter } from "./disk-dialogue.ts";

// Writes an image and dies at a given point, as if the power had gone: IMAGE DEVICE STAGE REPORTS.

const [image = "", path = "", stage = "", reports = "0"] = process.argv.slice(2);
let left = Number(reports);
const reporter = watchingReporter((current) => {
  if (current !== stage) return;
  if (left === 0) process.kill(process.pid, "SIGKILL");
  left -= 1;
});
await writeImage(
  { image, path, yes: true, expectSize: 64 * 1024 * 1024 },
  { say: () => undefined },
  { reporter, place: devicesHere },
);
process.stdout.write("success\n");
