/** The exit code of a defect of ours, which `errors.ts` has as well: here nothing is loaded yet. */
const internal = 70;

/**
 * Says in one line what nothing else has caught, and ends the process: Node would show the line of the program, which in a
 * bundle is the whole of it. `main` puts its own in the place of this when it is there.
 */
export function lastResort(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  const details = process.argv.includes("--verbose") && error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const message = `this is a defect of mkimage, please report it: ${text}`;
  const event = { event: "error", code: "INTERNAL", exitCode: internal, message, details };
  const isForPrograms = process.argv.includes("--json");
  const lines = isForPrograms ? [JSON.stringify(event)] : [`mkimage: ${message}`, ...details];
  process.stderr.on("error", () => {});
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(internal);
}
