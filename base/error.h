/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Errors come in two classes.
 *
 *   0   success
 *  <0   fatal: a negative errno value (-ENOMEM, -EIO, -EPROTO ...); forwarded unchanged, never matched
 *       against, ends the operation or the process. Raised with err_raise(), passed up with err_pass().
 *  >0   a documented result of exactly that function (NOTE_E_SIGNATURE, STORE_E_ABSENT ...); the caller
 *       handles it and never forwards it. One it did not foresee becomes fatal through err_fold().
 *
 * The three macros record where an error arose and which way it went; the trace goes to the log at debug
 * level.
 */
#include "base/macro.h"

int err_raise_at(int error, const char *file, int line, const char *function);
int err_pass_at(int error, const char *file, int line, const char *function);
int err_fold_at(int error, const char *file, int line, const char *function);

#define err_raise(error) err_raise_at((error), __FILE__, __LINE__, __func__)
#define err_pass(error) err_pass_at((error), __FILE__, __LINE__, __func__)
#define err_fold(error) err_fold_at((error), __FILE__, __LINE__, __func__)

/* err_text() - English text of a fatal error; static storage, any thread. */
const char *err_text(int error);
