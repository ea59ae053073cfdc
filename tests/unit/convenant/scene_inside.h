/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the files that make scenes share. */
#include "tests/unit/convenant/scene.h"

static const uint8_t casus_id[ID_BYTES] = { 0xc0, 1 };
static const uint8_t message_id[ID_BYTES] = { 0x0a, 2 };
static const uint8_t request_id[ID_BYTES] = { 0x0a, 3 };
static const uint8_t exchange_id[ID_BYTES] = { 0xee, 4 };
static const uint8_t noise[64] = { 7, 7, 7 };

/* A message of that kind in a casus under the WGS, all of its header in order; who it goes to; and what is other in the nazorg. */
void scene_begin(struct scene *s, const struct house *h, enum message_kind kind, const char *sender);
void scene_to(struct scene *s, const char *words);
void scene_nazorg(struct scene *s);
