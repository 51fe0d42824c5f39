import test from "ava";
import { endingOf } from "../../src/image/packings/packaging.ts";
import { variantList } from "../../src/variants/list.ts";
import { notMade } from "../../src/variants/not-made.ts";
import { variantNames, variantOf } from "../../src/variants/registry.ts";

/** The variants of nixpkgs 25.05 to 26.05. */
const ofNixpkgs = [
  "amazon azure cloudstack digital-ocean google-compute hyperv iso iso-installer kexec kubevirt linode lxc lxc-metadata oci",
  "openstack openstack-zfs proxmox proxmox-lxc qemu qemu-efi raw raw-efi sd-card vagrant-virtualbox virtualbox vmware",
].flatMap((line) => line.split(" "));

test("every variant of nixpkgs is made, or has something to use instead", (t) => {
  t.deepEqual([...variantNames, ...Object.keys(notMade)].toSorted(), ofNixpkgs);
});

test("each variant has the file that its cloud takes", (t) => {
  const endings = Object.fromEntries(variantNames.map((name) => [name, endingOf(variantOf(name))]));
  t.deepEqual(endings, {
    amazon: "vhd",
    azure: "vhd",
    cloudstack: "qcow2",
    "digital-ocean": "qcow2.gz",
    "google-compute": "raw.tar.gz",
    hyperv: "vhdx",
    kubevirt: "qcow2",
    linode: "img.gz",
    oci: "qcow2",
    openstack: "qcow2",
    proxmox: "vma.zst",
    qemu: "qcow2",
    "qemu-efi": "qcow2",
    raw: "img",
    "raw-efi": "img",
    "vagrant-virtualbox": "box",
    virtualbox: "ova",
    vmware: "vmdk",
  });
});

test("the list has a line for each", (t) => {
  const lines = variantList().split("\n");
  t.is(lines.length, variantNames.length + 1);
  t.true(lines.some((line) => /^ {2}google-compute +\.raw\.tar\.gz +legacy, efi +Google Compute Engine$/.test(line)));
});
