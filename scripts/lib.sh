# SPDX-License-Identifier: EUPL-1.2
# Shell functions that the scripts share. Sourced: . "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# As root, or through sudo when it asks for no password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		sudo -n "$@"
	else
		die "needs root for: $*
Run it as root, or give this user sudo without a password."
	fi
}

# Runs a command silently; shows all it said, and stops, when it fails.
quietly() {
	local said
	if ! said=$("$@" 2>&1); then
		echo "$said" >&2
		die "failed: $*"
	fi
}

# build_preset PRESET [TARGET...]: configures and builds, all or these targets; prints only what goes wrong. The tests are left
# out unless the caller set testing=ON: they need more packages than the programs do.
build_preset() {
	quietly cmake -S "$root" --preset "$1" -DBUILD_TESTING="${testing:-OFF}"
	quietly cmake --build "$root/build/$1" ${2:+--target "${@:2}"}
}
