/* SPDX-License-Identifier: MIT */
/* Which profiles a request may be judged by, and which of them judges it. Neither allocates
 * anything that outlives it, whatever a client sends: an issuer selects among what is
 * configured. */
#ifndef FB_DOOR_CHOICE_H
#define FB_DOOR_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "door/profile.h"

struct choice {
    /* NULL: none was made */
    struct profiles *profiles;
    /* whose challenge a client gets where nothing else tells which one is meant; NULL likewise */
    struct profile *first;
    size_t count;
    /* more than one: which */
    struct profile_set set;
};

/* Chooses `default`, which decides alone. */
void choice_default(struct choice *choice, struct profiles *profiles);

/* Chooses those in `names`, as a location has them in BEARER_PROFILE: separated by spaces. False,
 * with a message in `diag`: none, one that there is not, one twice, or two whose tokens could be
 * taken for each other's. Nothing is chosen then. */
bool choice_read(struct choice *choice, struct profiles *profiles, const char *names,
                 struct diag *diag);

/* The one that decides about this token, and decides alone: the only one, or that whose issuer the
 * token names. Nobody has verified that, so it says nothing but which keys are asked. A token that
 * names none in a form that could be read is the first one's to refuse. NULL: it names an issuer
 * that none of them has. */
struct profile *choice_pick(const struct choice *choice, const char *token, size_t length,
                            int64_t now);

/* What the chosen profiles say of what a guarded location requires. */
struct choice_own {
    /* the first that has a BEARER_REQUIRE of its own, and the first that has none; NULL: there is
     * no such one */
    const struct profile *with, *without;
    /* by one of them nobody may pass, by another somebody has to */
    bool differ;
};
void choice_own(const struct choice *choice, struct choice_own *own);

#endif
