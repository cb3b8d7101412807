/* SPDX-License-Identifier: MIT */
/* How an operator writes a value, and the name of a claim, wherever that stands among other words:
 *
 *     V     bare: printable ASCII but space | ' " and \; or 'quoted': UTF-8 without control
 *           characters, where '' is one quote
 *     NAME  bare as V, without = and not ending in ~; or quoted. One that begins with / is a JSON
 *           Pointer (RFC 6901); every other is a member of the top, to the letter. */
#ifndef FB_POLICY_VALUE_H
#define FB_POLICY_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct text; /* base/text.h */

/* Reads the V that begins at *at, to `out`, which holds at least end - *at octets, and moves *at
 * behind it. A bare one is not empty; '' is. What follows is for the caller to judge: nothing but a
 * space, a | or the end can follow a bare one. False, with what to write in `diag` (which may be
 * NULL): *at stands where it is wrong. Allocates nothing. */
bool value_read(const char **at, const char *end, char *out, size_t *length, struct diag *diag);

/* Appends this text, UTF-8 without control characters, as a V: bare where that is possible. */
void value_write(struct text *text, const char *value, size_t length);

/* The same of a NAME, to steps for js_follow() that take *used octets; `steps` holds at least end -
 * *at + 1 octets. A bare one ends before the first =, or the ~ of a ~=. */
bool value_read_name(const char **at, const char *end, char *steps, size_t *used,
                     struct diag *diag);

/* Appends the NAME with these steps, bare where that is possible. A step that begins with / at the
 * top is written as a pointer. */
void value_write_name(struct text *text, const char *steps, size_t used);

#endif
