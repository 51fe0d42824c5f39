import { type ErrorCode, exitCodes, MkimageError } from "../../base/errors.ts";

/** An error as plain data: a thread that is sent an error gets neither its class nor its own fields. */
export interface Failure {
  readonly message: string;
  readonly stack: string | undefined;
  /** The error's own properties, as errors of mkimage and of the operating system have them. */
  readonly parts: Readonly<Record<string, unknown>>;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, parts: {} };
  const parts = Object.entries(error).filter(([name]) => name !== "cause");
  return { message: error.message, stack: error.stack, parts: Object.fromEntries(parts) };
}

/** The error that it was, but for its cause. */
export function errorOf({ message, stack, parts }: Failure): Error {
  const { code } = parts;
  const isOurs = typeof code === "string" && code in exitCodes;
  const error = isOurs ? new MkimageError(code as ErrorCode, message) : new Error(message);
  return Object.assign(error, parts, stack === undefined ? {} : { stack });
}
