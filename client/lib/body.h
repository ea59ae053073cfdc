/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Body - what a kind of message says of itself, between the structs of the public header and a message. */
#include "base/arena.h"
#include "client/lib/failure.h"
#include "proto/message.h"

/* body_of() - out->body from what the caller said; lists go to the arena, texts are borrowed. out->header is complete. */
enum kp_result body_of(const struct kp_message_out *in, struct arena *arena, struct message *out, struct kp_error *err);
/* body_show() - the other way; false: out of memory. Texts borrow from the message. */
bool body_show(const struct message *in, struct arena *arena, struct kp_message_in *out);

/* Words of a caller to a list in the arena, as given. */
enum kp_result body_list(const char *const *words, const char *name, struct arena *arena, struct text_list *out,
			 struct kp_error *err);
/* NULL-terminated, in the arena; NULL: out of memory. */
const char *const *body_words(const struct text_list *list, struct arena *arena);
