import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceManual } from "../src/devices/schema/manual.ts";
import { eventManual } from "../src/cli/events/event-manual.ts";
import { nixOptions, plainTreeFile } from "./nix-options.ts";
import { withOptionTable } from "./readme-options.ts";

// Writes what the schemas generate into the manual. `make docs` runs it; tests check that it was run.

const project = join(import.meta.dirname, "..");
const readme = join(project, "README.md");
writeFileSync(readme, withOptionTable(readFileSync(readme, "utf8")));
writeFileSync(join(project, "docs/events.md"), eventManual());
writeFileSync(join(project, "docs/devices.md"), deviceManual());
writeFileSync(join(project, "nix/options.json"), nixOptions());
writeFileSync(join(project, "nix/plain-tree.nix"), plainTreeFile());
