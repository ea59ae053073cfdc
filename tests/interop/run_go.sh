#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Goal: exports and receipts verify with golang.org/x/mod (sumdb note and tlog), and a flipped bit does not.
# run_go.sh BUILD-FOLDER MAKE_EXPORT [million]
set -eu

build=$1
make_export=$2
which=${3:-small}
source=$(dirname "$0")/go
work=$(mktemp -d "$build/go.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Debian's golang-golang-x-mod-dev lies in /usr/share/gocode; nothing is fetched.
export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOPROXY=off GOCACHE="$build/go-cache"
checker=$build/check_export
(cd "$source" && go build -o "$checker" .)

passes() {
	"$checker" "$@" || { echo "FAILED: $* should verify"; exit 1; }
}

fails() {
	if "$checker" "$@" 2>"$work/said"; then
		echo "FAILED: $* should not verify"
		exit 1
	fi
	echo "refused, as it should be: $(cat "$work/said")"
}

# fails_flipped FILE BIT CHECK...: with that bit of the file flipped the check must fail, and pass when it is put back.
fails_flipped() {
	file=$1
	bit=$2
	shift 2
	"$make_export" --flip "$file" "$bit"
	fails "$@"
	"$make_export" --flip "$file" "$bit"
	passes "$@"
}

# exported SIZE: an export of that size, and receipts, hold.
exported() {
	export=$work/log-$1
	"$make_export" "$export" "$1"
	passes export "$export"
	for receipt in "$export"-*.tlog-proof; do
		[ "$1" = 0 ] || passes receipt "$export/log.vkey" "$receipt"
	done
}

# ours_names FILE BIT: with that bit flipped our own verification names that file.
ours_names() {
	"$make_export" --flip "$export/$1" "$2"
	if named=$("$make_export" --verify "$export") || [ "$named" != "$1" ]; then
		echo "FAILED: a flipped bit of $1 was found in \"$named\""
		exit 1
	fi
	"$make_export" --flip "$export/$1" "$2"
}

if [ "$which" = million ]; then
	exported 1000000
	for file in checkpoint tile/entries/000 tile/entries/x001/953 tile/entries/x003/906.p/64 tile/0/000 tile/0/x003/905 tile/0/x003/906.p/64 \
		tile/1/000 tile/1/015.p/66 tile/2/000.p/15; do
		ours_names "$file" 333
	done
	fails_flipped "$export/tile/0/x002/000" 333 export "$export"
	echo "interop/go: a million verified"
	exit 0
fi
for size in 0 1 255 256 257 1000 65535 65536 65537; do
	exported "$size"
done

export=$work/log-1000
for file in checkpoint log.vkey tile/entries/000 tile/entries/003.p/232 tile/0/001 tile/0/003.p/232 tile/1/000.p/3; do
	fails_flipped "$export/$file" 333 export "$export"
done
for bit in 200 2000 9000; do
	fails_flipped "$export-500.tlog-proof" "$bit" receipt "$export/log.vkey" "$export-500.tlog-proof"
done
echo "interop/go: all verified"
