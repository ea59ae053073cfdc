/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the fuzz target of the core and the maker of its corpus agree on. An input is two bytes and a body:
 *   kind 0      the body goes to the core as a wire frame, as it is
 *   kind k      the body is the payload of a message of that kind, which is then signed by the person (or the node) it should be
 *               signed by, so that damage gets past the signature
 *   then        which node sends it
 */
#include "tests/unit/daemon/core_world.h"

#define FUZZ_SEED 11
