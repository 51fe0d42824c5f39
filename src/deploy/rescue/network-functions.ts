/** The functions that a network script calls. */
export const networkFunctions = `say() { echo "mkimage-rescue: $*"; }
try() { "$@" || say "failed: $*"; }
find_card() {
  for folder in /sys/class/net/*; do
    if [ ! -e "$folder/address" ]; then continue; fi
    read -r address <"$folder/address"
    if [ "$address" = "$1" ]; then echo "\${folder##*/}"; return; fi
  done
  return 1
}
# Drivers look for their cards in the background.
patience=300
take_card() {
  until found=$(find_card "$2"); do
    if [ "$patience" = 0 ]; then say "no network card has the address $2"; return; fi
    patience=$((patience - 1))
    sleep 0.1
  done
  try ip link set dev "$found" down
  try ip link set dev "$found" name "mkimage$1"
}
# Another card can have the name.
name_card() {
  if [ ! -e "/sys/class/net/mkimage$1" ]; then return; fi
  if [ -e "/sys/class/net/$2" ]; then try ip link set dev "$2" name "other$1"; fi
  try ip link set dev "mkimage$1" name "$2"
}
# The driver makes one by itself when it is loaded.
make_bond() {
  if [ ! -e "/sys/class/net/$1" ]; then echo "+$1" >/sys/class/net/bonding_masters || say "no bond $1"; fi
}
set_bond() { echo "$3" 2>/dev/null >"/sys/class/net/$1/bonding/$2"; }
# Nobody else has an address that the machine had a moment ago: the kernel need not look for one.
raise() {
  if [ -e "/proc/sys/net/ipv6/conf/$1/accept_dad" ]; then echo 0 >"/proc/sys/net/ipv6/conf/$1/accept_dad"; fi
  try ip link set dev "$1" up
}
# The kernel makes some by itself.
set_address() {
  if ip -o addr show dev "$1" | grep -qF " $2 "; then return; fi
  try ip addr add "$2" dev "$1"
}
`;
