/**
 * The Nix list of the keys of a device tree's nodes below which nodes stand under names of the user's. A test holds it to the
 * schemas of all types.
 */
export const treeRecords = `[ "partitions" "lvs" "subvolumes" "datasets" "swap" ]`;
