import { MkimageError } from "../base/errors.ts";

/** A machine that is reached over SSH. */
export interface RemoteHost {
  /** As ssh takes it: `root@host`, or an alias of the user's configuration. */
  readonly destination: string;
  /** Undefined: the one of the user's configuration. */
  readonly port: number | undefined;
}

/** A disk of such a machine. */
interface RemoteDisk extends RemoteHost {
  /** The device's path there: `/dev/…`. */
  readonly path: string;
}

/** The user that a machine is reached as; undefined: the one of ssh's configuration. */
export function userOf({ destination }: RemoteHost): string | undefined {
  const at = destination.indexOf("@");
  return at < 0 ? undefined : destination.slice(0, at);
}

/** The machine's name or address, without its user. */
export function nameOf({ destination }: RemoteHost): string {
  return destination.slice(destination.indexOf("@") + 1);
}

/** Whether what stands for a device names a machine too. */
export function isRemote(device: string): boolean {
  return device.includes("://");
}

/**
 * Reads `ssh://[USER@]HOST[:PORT]/dev/…`. An address of IPv6 stands in brackets.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export function parseRemoteDisk(text: string): RemoteDisk {
  const match = form.exec(text);
  if (match === null) throw malformed(text, "it is not ssh://[USER@]HOST[:PORT]/dev/…");
  const { user, host = "", port, path = "" } = match.groups ?? {};
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  // What begins with a hyphen would be an option to ssh.
  if (bare.startsWith("-") || user?.startsWith("-") === true) throw malformed(text, "a name begins with a hyphen");
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535))
    throw malformed(text, `the port ${port} is not between 1 and 65535`);
  return {
    destination: user === undefined ? bare : `${user}@${bare}`,
    port: port === undefined ? undefined : Number(port),
    path,
  };
}

/**
 * Reads `[USER@]HOST`, or `ssh://[USER@]HOST[:PORT]`. An address of IPv6 needs no brackets in the first form.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export function parseRemoteHost(text: string): RemoteHost {
  if (isRemote(text)) {
    const { destination, port } = parseRemoteDisk(`${text.replace(/\/$/, "")}/dev/null`);
    return { destination, port };
  }
  const bare = /^(?:([^@\s]+)@)?([^@\s/]+)$/.exec(text);
  if (bare === null || text.startsWith("-") || bare[2]?.startsWith("-") === true) {
    throw new MkimageError("BAD_REQUEST", `${text} names no machine`, {
      hint: "write [USER@]HOST as for ssh, or ssh://[USER@]HOST[:PORT]",
    });
  }
  // An address of IPv6 in brackets is one without them to ssh.
  return { destination: text.replace(/\[([0-9A-Fa-f:.%\w]+)\]$/, "$1"), port: undefined };
}

const form =
  /^ssh:\/\/(?:(?<user>[^@:/\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^@:/\s[\]]+)(?::(?<port>\d{1,5}))?(?<path>\/dev\/[^\s]+)$/;

function malformed(text: string, why: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `${text} names no disk of another machine: ${why}`, {
    hint: "for example ssh://root@host/dev/disk/by-id/…; a user's password or a jump host belongs into ssh's configuration",
  });
}
