import type { Archive, ArchivedDisk } from "./archive.ts";
import { ovfMembers, textImage } from "./ovf.ts";
import { tarOf } from "./tar.ts";

/**
 * Vagrant: a machine for VirtualBox, and what Vagrant has to know of it.
 *
 * Source: HashiCorp, Vagrant's documentation, "Box File Format", "VirtualBox: Creating a Base Box".
 */
export const vagrantBox: Archive = {
  ending: "box",
  format: "vmdk",
  compress: "gzip",
  layOut: (disk) => {
    const files = [
      { name: "metadata.json", file: textImage([JSON.stringify({ provider: "virtualbox" })]) },
      { name: "Vagrantfile", file: textImage(vagrantfile(disk)) },
      ...ovfMembers("box", disk),
    ];
    return tarOf(files, disk.identity.time);
  },
};

/** The address of the network adapter, which Vagrant wants to know, begins as VirtualBox's own do. */
function vagrantfile({ identity }: ArchivedDisk): string[] {
  const address = `080027${identity.uuid("vagrant network adapter").slice(0, 6)}`.toUpperCase();
  return ['Vagrant.configure("2") do |config|', `  config.vm.base_mac = "${address}"`, "end"];
}
