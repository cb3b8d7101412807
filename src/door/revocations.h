/* SPDX-License-Identifier: MIT */
/* The file that lists revoked tokens (BEARER_REVOKED_FILE), read whole, and read again when it has
 * changed. */
#ifndef FB_DOOR_REVOCATIONS_H
#define FB_DOOR_REVOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/log.h"
#include "config/config.h"
#include "door/revoked.h"

struct revocations;

/* Reads the file that the configuration names, which nobody else may be able to write (safefile.h).
 * True: *revocations is the caller's, or NULL, as no file is named. False: it is missing or bad, or
 * memory ran out; `diag` has file, line and what to write. `profiles`: see revoked_line_read(). */
bool revocations_open(const struct config *config, unsigned profiles,
                      struct revocations **revocations, struct diag *diag);
void revocations_free(struct revocations *revocations);
void revocations_cleanup(struct revocations **revocations); /* for CLEANUP() */

/* The list as it is just now, for another thread, that looks at no file. The caller's; NULL: out of
 * memory. */
struct revocations *revocations_share(const struct revocations *revocations);

/* Another number whenever the list is another. `revocations` may be NULL. */
uint64_t revocations_version(const struct revocations *revocations);

/* The list as it was read last. */
const struct revoked *revocations_list(const struct revocations *revocations);

/* Reads the file again if it has changed; to be called about once a second. What is being written
 * is left alone for some tenths of a second at most. A good list counts from here on; with a bad
 * one, or none, the one before does, and the log says why, once for each reason. Returns in how
 * many milliseconds it wants to be called again at the latest; INT64_MAX: whenever. `revocations`
 * may be NULL. */
int64_t revocations_look(struct revocations *revocations, const struct log *log);

/* revoked_find() of a verified token, which keeps that it is not named: asked about the same token
 * again this costs nothing until there is another list. */
const struct revoked_line *revocations_find(const struct revocations *revocations,
                                            struct token *token, int64_t now);

#endif
