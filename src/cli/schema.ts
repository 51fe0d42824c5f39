import { Argument, Command } from "commander";
import { eventJsonSchema } from "./events/event.ts";
import { requestJsonSchema } from "../request/flags.ts";

const schemas = { config: requestJsonSchema, events: eventJsonSchema } as const;

/** `mkimage schema`: the JSON Schema of a `--config` file, or of the events that `--json` brings. */
export function schemaCommand(): Command {
  const what = new Argument("[what]", "config: of a --config file; events: of the lines that --json brings")
    .choices(Object.keys(schemas))
    .default("config");
  return new Command("schema")
    .description("print a JSON Schema")
    .addArgument(what)
    .action((name: keyof typeof schemas) => {
      process.stdout.write(`${JSON.stringify(schemas[name](), null, 2)}\n`);
    });
}
