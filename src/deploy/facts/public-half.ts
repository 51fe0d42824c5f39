import { createPublicKey, type KeyObject } from "node:crypto";
import { fields, fieldsOf, integer } from "./ssh-fields.ts";

/**
 * The public key of a private one as OpenSSH keeps host keys, `ssh-ed25519 AAAA…`; undefined where it is none, or has a
 * passphrase and does not tell. Pure.
 */
export function publicHalf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const own = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  const blob = own === undefined ? blobOfPem(text) : blobInside(Buffer.from(own, "base64"));
  const kind = blob === undefined ? undefined : fieldsOf(blob)[0]?.toString("latin1");
  return blob === undefined || kind === undefined || !isKind.test(kind)
    ? undefined
    : `${kind} ${blob.toString("base64")}`;
}

const isKind = /^(?:ssh|ecdsa|sk)-[\w@.-]{1,60}$/;

/** A file says its public keys before what may be encrypted. Source: OpenSSH, PROTOCOL.key. */
function blobInside(bytes: Buffer): Buffer | undefined {
  const magic = "openssh-key-v1\0";
  if (!bytes.toString("latin1").startsWith(magic)) return undefined;
  let at = magic.length;
  const field = () => {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : Infinity;
    at += 4 + length;
    return at <= bytes.length ? bytes.subarray(at - length, at) : undefined;
  };
  const [cipher, derivation, options] = [field(), field(), field()];
  // The number of keys.
  at += 4;
  return cipher === undefined || derivation === undefined || options === undefined ? undefined : field();
}

/** Source: RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4. */
function blobOfPem(text: string): Buffer | undefined {
  const key = keyOf(text);
  if (key === undefined) return undefined;
  const { n = "", e = "", x = "", y = "", crv = "" } = key.export({ format: "jwk" });
  if (key.asymmetricKeyType === "rsa")
    return fields(Buffer.from("ssh-rsa"), integer(numberOf(e)), integer(numberOf(n)));
  if (key.asymmetricKeyType === "ed25519") return fields(Buffer.from("ssh-ed25519"), Buffer.from(x, "base64url"));
  if (key.asymmetricKeyType !== "ec" || !/^P-\d{3}$/.test(crv)) return undefined;
  const curve = `nistp${crv.slice(2)}`;
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return fields(Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point);
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function numberOf(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, "base64url").toString("hex") || "0"}`);
}
