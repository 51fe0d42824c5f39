import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventManual } from "../src/events/event-manual.ts";
import { withOptionTable } from "./generated.ts";

// Writes what the schema generates into the manual. `make docs` runs it; a test checks that it was run.

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
writeFileSync(readme, withOptionTable(readFileSync(readme, "utf8")));
writeFileSync(fileURLToPath(new URL("events.md", import.meta.url)), eventManual());
