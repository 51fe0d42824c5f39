import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { sha256Hex } from "./nix-hash.ts";
import type { StorePath } from "./registration.ts";
import { isStorePath, storeFolder } from "./store-path.ts";

const hashSchema = z.union([
  z.string(),
  z.object({ algorithm: z.literal("sha256"), hash: z.string() }).transform(({ hash }) => hash),
]);

const infoSchema = z.object({
  narHash: hashSchema,
  narSize: z.int().nonnegative(),
  references: z.array(z.string()),
});

const arraySchema = z.array(z.object({ path: z.string(), ...infoSchema.partial().shape }));
const recordSchema = z.record(z.string(), infoSchema.nullable());
const versionedSchema = z.object({ version: z.number(), info: recordSchema });

/**
 * Reads the output of `nix path-info --json`: an array (Nix up to 2.18), an object keyed by path (2.19 and later), or
 * such an object under `info`, keyed by base name (`--json-format 2`).
 *
 * @throws MkimageError RESOLVE_FAILED when it is none of these, or names a path that is not valid.
 */
export function parsePathInfo(text: string): StorePath[] {
  return Object.entries(infoByPath(text)).map(([name, info]) => {
    const path = fullPath(name);
    const narHash = info === null ? undefined : sha256Hex(info.narHash);
    if (info === null || narHash === undefined || !isStorePath(path)) {
      throw new MkimageError("RESOLVE_FAILED", `Nix does not know ${path} as a valid store path`);
    }
    return { path, narHash, narSize: info.narSize, references: info.references.map(fullPath).toSorted() };
  });
}

type InfoByPath = z.infer<typeof recordSchema>;

function infoByPath(text: string): InfoByPath {
  const document = parseJson(text);
  const array = arraySchema.safeParse(document);
  if (array.success) {
    return Object.fromEntries(array.data.map((entry) => [entry.path, infoSchema.safeParse(entry).data ?? null]));
  }
  const versioned = versionedSchema.safeParse(document);
  if (versioned.success) return versioned.data.info;
  const record = recordSchema.safeParse(document);
  if (record.success) return record.data;
  throw unknownForm(z.prettifyError(record.error).split("\n"));
}

function fullPath(name: string): string {
  return name.startsWith("/") ? name : `${storeFolder}/${name}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unknownForm([String(cause)]);
  }
}

function unknownForm(details: readonly string[]): MkimageError {
  return new MkimageError("RESOLVE_FAILED", "`nix path-info --json` answered in a form that is not known here", {
    details: details.slice(0, 10),
    hint: "give the closure by --closure-info DIR (nixpkgs' closureInfo)",
  });
}
