/* SPDX-License-Identifier: MIT */
/* The list of tokens that are refused though they are good: what is written in it, and whether it
 * names a token.
 *
 * Text, line by line (LF or CRLF; a byte order mark before the first): blanks, then nothing, or a
 * comment from `#` on, or words with blanks between them, the last of which may be a comment:
 *
 *     sub=V client=V jti=V sid=V kid=V issuer=V before=TIME until=TIME
 *
 * Each at most once, in any order, and at least one of the first six. V is a value as
 * policy/value.h has it. A line names a token if all that it says holds: `client` is the first of
 * azp, client_id, cid and appid, `issuer` is iss, and `kid` stands in the header; the others are
 * claims of their own name, strings, numbers as they are written, true or false. The token was
 * issued (iat) before `before`, or says nothing of when; and it is not yet `until`. */
#ifndef FB_DOOR_REVOKED_H
#define FB_DOOR_REVOKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "token/token.h"

struct text; /* base/text.h */

#define REVOKED_MAX      10000             /* lines that are neither empty nor comments */
#define REVOKED_OCTETS   (4 * 1024 * 1024) /* in a file */
#define REVOKED_NO_LIMIT INT64_MAX         /* of `before` and `until` */

enum revoked_name {
    REVOKED_SUB,
    REVOKED_CLIENT,
    REVOKED_JTI,
    REVOKED_SID,
    REVOKED_KID,
    REVOKED_ISSUER,
    REVOKED__NAMES
};

/* What a line names. */
struct revoked_line {
    /* in the file, from 1 */
    unsigned number;
    /* a set of 1 << enum revoked_name */
    unsigned names;
    /* of each name in the set; borrowed, not NUL-terminated */
    const char *texts[REVOKED__NAMES];
    size_t lengths[REVOKED__NAMES];
    /* in seconds since 1970 */
    int64_t before, until;
};

/* Reads one line without its end (but for a CR). `profiles`: how many there are; with more than one
 * a user, a session or a client is one issuer's, and the line has to name that. `room`, of at least
 * `length` octets, takes the values that *line borrows; *used is how much. True with line->names 0:
 * there is nothing on it. False: what is wrong and what to write in `diag`. */
bool revoked_line_read(const char *text, size_t length, unsigned profiles, char *room, size_t *used,
                       struct revoked_line *line, struct diag *diag);

/* Appends what such a line says, in the order above and without a newline. */
void revoked_line_write(struct text *text, const struct revoked_line *line);

struct revoked;

/* The list in a text. NULL: number of the line, what is wrong and what to write, in `diag`, or
 * memory ran out. */
struct revoked *revoked_parse(const char *text, size_t length, unsigned profiles,
                              struct diag *diag);
/* A second owner of the list, which never changes: each releases it, in any thread. */
struct revoked *revoked_share(struct revoked *list);
void revoked_free(struct revoked *list);
void revoked_cleanup(struct revoked **list); /* for CLEANUP() */

/* Its lines, in their order. */
size_t revoked_count(const struct revoked *list);
const struct revoked_line *revoked_at(const struct revoked *list, size_t index);

/* Whether a line names nothing any more at `now` (seconds since 1970). */
bool revoked_is_past(const struct revoked_line *line, int64_t now);

/* The line that names this verified token at `now`, borrowed; NULL: none does. Does not allocate.
 * The time it takes grows with the number of different sets of names on the lines (63 at most), not
 * with the lines. What is not named is not named later either. */
const struct revoked_line *revoked_find(const struct revoked *list, const struct token *token,
                                        int64_t now);

#endif
