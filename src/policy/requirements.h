/* SPDX-License-Identifier: MIT */
/* The requirements that a process has read: each text is parsed once, however many requests bring
 * it. */
#ifndef FB_POLICY_REQUIREMENTS_H
#define FB_POLICY_REQUIREMENTS_H

#include <stddef.h>

#include "base/diag.h"
#include "policy/requirement.h"

#define REQUIREMENTS_MAX 64

struct requirement_entry;

/* Filled with zeros: none. The one asked for last comes first; one too many takes the place of the
 * one that was not asked for the longest. */
struct requirements {
    struct requirement_entry *entries[REQUIREMENTS_MAX];
    size_t count;
};

/* The requirement that is written so. Valid until REQUIREMENTS_MAX - 1 others have been asked for,
 * or they are cleared. NULL, with a message in `diag`: it is not in the grammar, or memory ran out;
 * that is not kept. Allocates only where the text is new. */
const struct requirement *requirements_find(struct requirements *requirements, const char *text,
                                            struct diag *diag);
void requirements_clear(struct requirements *requirements);

#endif
