/** The folders of `src/`, from the ground up: each takes only from those above it in this list. */
export const rooms = [
  "base",
  "structures",
  "runtime",
  "image",
  "nix",
  "manifest",
  "filesystems",
  "layout",
  "partitions",
  "steps",
  "devices",
  "bootloaders",
  "variants",
  "guest",
  "request",
  "machine",
  "remote",
  "pipeline",
  "deploy",
  "inspect",
  "web",
  "cli",
  "start",
] as const;

/** The rooms whose work comes in as data: they touch no file, clock, environment or process. */
export const pureRooms: readonly string[] = ["base", "structures", "devices", "layout", "steps"];
