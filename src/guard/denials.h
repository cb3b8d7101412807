/* SPDX-License-Identifier: MIT */
/* How often a worker writes about denials, so that neither a stranger nor a server that asks twice
 * fills a log: each client request once, of one reason and client so many lines a second, and then
 * how many more there were. Of fixed size, whatever comes. */
#ifndef FB_GUARD_DENIALS_H
#define FB_GUARD_DENIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

#define DENIALS_A_SECOND 20
#define DENIALS_CLIENTS  64  /* told apart within a second, by reason; the others share one place */
#define DENIALS_REQUESTS 128 /* the last ones that are known again */

/* Whose lines are counted together. */
struct denials_who {
    enum bearer_code code;
    /* 4: an address of IPv4; 6: the first half of one of IPv6, as one host has all behind it; else
     * a sum of the text */
    unsigned family;
    unsigned char net[8];
};

struct denials_place {
    struct denials_who who;
    /* when its second began, in milliseconds */
    int64_t since;
    /* in this second; 0: nobody's place */
    unsigned lines;
    /* not written, and not told yet */
    unsigned more;
};

/* Zero: nothing was written yet. */
struct denials {
    /* the last is that of all who found none */
    struct denials_place places[DENIALS_CLIENTS + 1];
    /* sums of id and client; 0: none */
    uint64_t requests[DENIALS_REQUESTS];
    size_t oldest;
    /* there is something to tell */
    bool more;
};

/* Whether a line about this denial is to be written at `now` (milliseconds of a clock that nobody
 * sets; 0: unknown, then yes). `client` is its address as the web server says it, `id` what the
 * server calls the request (BEARER_REQUEST_ID); each may be NULL: unknown. */
bool denials_admit(struct denials *denials, enum bearer_code code, const char *client,
                   const char *id, int64_t now);

/* Writes how many lines were left out, for each place whose second is over at `now` (INT64_MAX: for
 * all). Nothing is done unless denials->more. */
void denials_tell(struct denials *denials, const struct log *log, int64_t now);

#endif
