/* SPDX-License-Identifier: MIT */
/* Who may pass: credentials, token, revocation, requirement, in this order. The same for an
 * endpoint, for a guarded location and for who explains a token; it knows no web server and keeps
 * nothing of its own. */
#ifndef FB_DOOR_DOOR_H
#define FB_DOOR_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "door/choice.h"
#include "door/credentials.h"
#include "door/profile.h"
#include "door/revocations.h"
#include "policy/requirement.h"
#include "token/token.h"

/* What a request has to meet. */
struct demands {
    /* BEARER_REQUIRE of the web server; NULL: none */
    const struct requirement *location;
    /* or else that of the profile which decides */
    bool of_profile;
    /* of the endpoint; NULL: none */
    const struct requirement *route;
    /* even where the location is optional */
    bool token_needed;
    /* a guard asks, for a location that requires what it says and serves nothing else */
    bool guard;
};

/* What became of it. */
struct verdict {
    enum bearer_code code;
    /* Who decided, or whose challenge it is; NULL: nobody has, yet. */
    struct profile *profile;
    /* The token that was shown, borrowed until the profile decides again: verified with BEARER_OK,
     * else as far as it was read. NULL: none was looked at; with BEARER_OK nobody is let in, as the
     * location allows. */
    struct token *token;
    /* of BEARER_REVOKED: the line of the list that names the token, borrowed like the token */
    const struct revoked_line *revoked;
    /* what was required; borrowed, NULL: nothing */
    const struct requirement *location, *route;
    /* what of it a good token does not meet */
    struct lacking lacking;
};

/* Decides, at `now` (seconds since 1970): one of the profiles, which must have been chosen.
 * `revocations` may be NULL: there is no list. May wait for keys as far as keycache_find() does. */
struct verdict door_decide(const struct choice *choice, const struct revocations *revocations,
                           const struct credentials *credentials, const struct demands *demands,
                           int64_t now);

#endif
