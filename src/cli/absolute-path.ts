import { InvalidArgumentError } from "commander";

/** Reads an option that is a folder by its absolute path; slashes at its end go. */
export function absolutePath(text: string): string {
  if (text.startsWith("/")) return text === "/" ? text : text.replace(/\/+$/, "");
  throw new InvalidArgumentError("It is an absolute path.");
}
