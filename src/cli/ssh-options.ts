import type { Command } from "commander";
import { devicesHere, type DevicePlace } from "../machine/device-place.ts";
import { isRemote, parseRemoteDisk } from "../remote/address.ts";
import { connect } from "../remote/connection.ts";
import { remotePlace } from "../remote/remote-place.ts";

/** The values of the options that say how ssh is called. */
export interface SshFlags {
  readonly sshOption?: readonly string[];
  readonly identity?: string;
}

/** Adds the options for a disk of another machine; all else is ssh's own configuration. */
export function addSshOptions(command: Command): Command {
  return command
    .option("--ssh-option <key-and-value...>", "for ssh://…: option of ssh, as after its -o")
    .option("-i, --identity <file>", "for ssh://…: private key to log in with");
}

/**
 * Calls with the machine that a device is in, and its path there. A connection that it takes is closed afterwards.
 *
 * @throws MkimageError BAD_REQUEST, REMOTE_FAILED.
 */
export async function atDevice<Result>(
  device: string,
  { sshOption = [], identity }: SshFlags,
  signal: AbortSignal,
  work: (place: DevicePlace, path: string) => Promise<Result>,
): Promise<Result> {
  if (!isRemote(device)) return await work(devicesHere, device);
  const target = parseRemoteDisk(device);
  await using connection = await connect(target, { options: sshOption, identity, signal });
  return await work(remotePlace(connection, signal), target.path);
}
