import { MkimageError } from "../base/errors.ts";
import { readOnce } from "../base/schema/read-once.ts";
import { faultsOf } from "../base/schema/faults.ts";
import { contradictions } from "./rules.ts";
import { type Given, type Origin, writtenName } from "./written.ts";
import { contentSchema, requestSchema, type Request } from "./schema.ts";

/** The options of the command line or of a `--config` file, before they are checked. */
export type RawRequest = Readonly<Record<string, unknown>>;

/**
 * The request that a config file and flags make together; flags win.
 *
 * @throws MkimageError BAD_REQUEST with every fault, a line each.
 */
export function parseRequest(config: RawRequest, flags: RawRequest): Request {
  const input = { ...config, ...flags };
  const parsed = requestSchema.safeParse(input, readOnce);
  const given: Given = new Map([...originOf(config, "config"), ...originOf(flags, "flag")]);
  const nameOf = (key: string) => (key in requestSchema.shape ? writtenName(given, key) : key);
  if (!parsed.success) throw badRequest(faultsOf(parsed.error, input, knownKeys, nameOf));
  const request = { ...parsed.data, given };
  const faults = contradictions(request);
  if (faults.length > 0) throw badRequest(faults);
  return request;
}

function originOf(options: RawRequest, origin: Origin): [string, Origin][] {
  return Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [[key, origin]]));
}

/** One error for all the faults of a request. */
export function badRequest(faults: readonly string[]): MkimageError {
  const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
  return new MkimageError("BAD_REQUEST", `the request has ${count}`, {
    details: faults,
    hint: "mkimage build --help lists the options, mkimage schema prints their JSON Schema",
  });
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys(path[0] === "contents" ? contentSchema.shape : requestSchema.shape);
}
