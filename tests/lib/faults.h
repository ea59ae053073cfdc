/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Allocations that fail when told to: kp_unit(... FAULTS) sends the malloc, calloc, realloc and reallocarray
 * of the program's own code (not those of shared libraries) through here.
 *
 *	for (unsigned nth = 1; ; nth++) {
 *		faults_begin(nth);
 *		r = the_call();
 *		if (!faults_end())
 *			break;                  the call makes fewer than nth allocations: done
 *		CHECK_IS(r, -ENOMEM);
 *	}
 */
#include <stdbool.h>

void faults_begin(unsigned nth); /* from now on the nth allocation fails, once */
bool faults_end(void);           /* whether it was reached; none fails any more */
