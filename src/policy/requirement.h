/* SPDX-License-Identifier: MIT */
/* What a route or a guarded location requires of a token: the grammar of BEARER_REQUIRE.
 *
 * Terms separated by spaces, all must hold; `|` between alternatives of a term. valid-token;
 * scope=NAME; permission=NAME; either=NAME (scope or permission); claim:NAME=VALUE (split at the
 * last `=`, so that NAME may be a URL with a query). Or `optional`, alone: no credentials are let
 * through as nobody. */
#ifndef FB_POLICY_REQUIREMENT_H
#define FB_POLICY_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/error.h"

#define REQUIREMENT_TESTS_MAX  64   /* alternatives in all terms together */
#define REQUIREMENT_LENGTH_MAX 2048 /* characters */

struct json_object;

enum requirement_kind {
    /* never holds */
    REQUIRE_NEVER = 0,
    REQUIRE_VALID_TOKEN,
    REQUIRE_SCOPE,
    REQUIRE_PERMISSION,
    REQUIRE_EITHER,
    REQUIRE_CLAIM,
};

struct requirement_test {
    enum requirement_kind kind;
    /* to the test before it */
    bool alternative;
    /* borrowed from the text, not NUL-terminated */
    const char *name;
    size_t name_length;
    /* of REQUIRE_CLAIM */
    const char *value;
    size_t value_length;
};

struct requirement {
    /* borrowed; printable ASCII without '"' and '\' */
    const char *text;
    bool optional;
    size_t count;
    struct requirement_test tests[REQUIREMENT_TESTS_MAX];
};

/* Reads `text`, which must outlive *requirement. False, with a message in `diag`, for anything that
 * is not in the grammar, an empty text too: the requirement then is one that never holds. */
bool requirement_parse(const char *text, struct requirement *requirement, struct diag *diag);

/* BEARER_OK if the claims of a verified token meet it, else BEARER_NOT_GRANTED. A claim of the
 * wrong type meets nothing. */
enum bearer_code requirement_check(const struct requirement *requirement,
                                   const struct json_object *claims);

/* Writes the scopes it names, separated by spaces, each once: what a challenge tells the client to
 * ask for. Empty if there are none, or they do not fit. */
void requirement_scopes(const struct requirement *requirement, char *out, size_t size);

#endif
