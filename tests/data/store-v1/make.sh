#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Makes the stored files anew: make.sh BUILD-FOLDER. Only when the format changes on purpose, and then as store-v2 beside this one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cmake --build "$1" --target store_fixture
rm -rf "$here/data.mdb" "$here/journal"
"$1/tests/unit/daemon/store_fixture" "$here"
rm -f "$here/lock" "$here/lock.mdb"
