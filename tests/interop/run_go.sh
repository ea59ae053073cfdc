#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Goal: exports and receipts verify with golang.org/x/mod (sumdb note and tlog), and a flipped bit does not.
# run_go.sh BUILD-FOLDER MAKE_EXPORT
set -eu

build=$1
make_export=$2
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

for size in 0 1 255 256 257 1000; do
	export=$work/log-$size
	"$make_export" "$export" "$size"
	passes export "$export"
	for receipt in "$export"-*.tlog-proof; do
		[ "$size" = 0 ] || passes receipt "$export/log.vkey" "$receipt"
	done
done

export=$work/log-1000
for file in checkpoint log.vkey tile/entries/000 tile/entries/003.p/232 tile/0/001 tile/0/003.p/232 tile/1/000.p/3; do
	fails_flipped "$export/$file" 333 export "$export"
done
for bit in 200 2000 9000; do
	fails_flipped "$export-500.tlog-proof" "$bit" receipt "$export/log.vkey" "$export-500.tlog-proof"
done
echo "interop/go: all verified"
