import { MkimageError } from "../base/errors.ts";

/**
 * The time that everything in an image has: SOURCE_DATE_EPOCH, in seconds since 1970, or 1 as in the Nix store.
 *
 * @throws MkimageError BAD_REQUEST when it is no such number.
 *
 * Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification".
 */
export function sourceDateEpoch(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment["SOURCE_DATE_EPOCH"];
  if (text === undefined || text === "") return 1;
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new MkimageError("BAD_REQUEST", `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}`, {
    hint: "it is a whole number of seconds since 1970, such as the output of: git log -1 --format=%ct",
  });
}
