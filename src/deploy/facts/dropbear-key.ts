import { fields, fieldsOf, integer, word } from "./ssh-fields.ts";
import type { HostKeyFile } from "./target-facts.ts";

/**
 * Makes a host key of dropbear one of OpenSSH, private and public; nothing of what is none. Pure.
 *
 * Source: dropbear, src/signkey.c and the files of each kind of key; OpenSSH, PROTOCOL.key; RFC 4253 6.6, RFC 5656 3.1.
 */
export function fromDropbear(bytes: Uint8Array): HostKeyFile[] {
  const [type = noBytes, ...parts] = fieldsOf(Buffer.from(bytes));
  const kind = type.toString("latin1");
  const key = kinds.find(([pattern]) => pattern.test(kind))?.[1](parts);
  const [name] = /^(?:ssh-|ecdsa-sha2-)([a-z0-9]+)/.exec(kind)?.slice(1) ?? [];
  if (key === undefined || name === undefined) return [];
  const file = `ssh_host_${kind.startsWith("ecdsa") ? "ecdsa" : name}_key`;
  const blob = fields(type, ...key.public);
  return [
    { name: file, bytes: Buffer.from(armour(privateFile(blob, fields(type, ...key.private)))) },
    { name: `${file}.pub`, bytes: Buffer.from(`${kind} ${blob.toString("base64")}\n`) },
  ];
}

/** The fields of a key, in OpenSSH's order. */
interface KeyFields {
  readonly public: readonly Buffer[];
  readonly private: readonly Buffer[];
}

const noBytes = Buffer.alloc(0);

const kinds: readonly (readonly [RegExp, (parts: readonly Buffer[]) => KeyFields | undefined])[] = [
  [/^ssh-ed25519$/, ed25519],
  [/^ssh-rsa$/, rsa],
  [/^ecdsa-sha2-nistp(?:256|384|521)$/, ecdsa],
];

function ed25519([pair = noBytes]: readonly Buffer[]): KeyFields | undefined {
  const own = pair.subarray(32);
  return pair.length === 64 ? { public: [own], private: [own, pair] } : undefined;
}

function rsa([e, n, d, p, q]: readonly Buffer[]): KeyFields | undefined {
  if (e === undefined || n === undefined || d === undefined || p === undefined || q === undefined) return undefined;
  const coefficient = inverse(numberOf(q), numberOf(p));
  if (coefficient === undefined) return undefined;
  return { public: [e, n], private: [n, e, d, integer(coefficient), p, q] };
}

function ecdsa([curve, point, d]: readonly Buffer[]): KeyFields | undefined {
  if (curve === undefined || point === undefined || d === undefined) return undefined;
  return { public: [curve, point], private: [curve, point, d] };
}

/** One key without a passphrase. The two words that tell whether a passphrase was right are zero. */
function privateFile(blob: Buffer, key: Buffer): Buffer {
  const secret = Buffer.concat([Buffer.alloc(8), key, word(0)]);
  const filled = Buffer.concat([secret, Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, -secret.length & 7)]);
  const none = Buffer.from("none");
  return Buffer.concat([Buffer.from("openssh-key-v1\0"), fields(none, none, noBytes), word(1), fields(blob, filled)]);
}

function armour(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function numberOf(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`);
}

/** The number by which `value` is one, modulo `modulus`; `undefined` where there is none. */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [old, rest] = [value, modulus];
  let [result, next] = [1n, 0n];
  while (rest > 0n) {
    const quotient = old / rest;
    [old, rest] = [rest, old - quotient * rest];
    [result, next] = [next, result - quotient * next];
  }
  if (old !== 1n || modulus <= 1n) return undefined;
  return ((result % modulus) + modulus) % modulus;
}
