/* SPDX-License-Identifier: MIT */
/* What a route or a guarded location requires of a token: the grammar of BEARER_REQUIRE.
 *
 *     requirement := term (SP term)*              all must hold
 *     term        := alternative ('|' alternative)*      one must hold; all of one class
 *     alternative := valid-token | optional       each alone in its term
 *                  | scope=V | permission=V | either=V | ['!'] claim:TEST
 *                  | audience=V | issuer=V
 *                  | acr=V | max-age=SECONDS
 *     TEST        := NAME | NAME=V | NAME~=V
 *
 * NAME and V are value.h's. A class is how it is denied: BEARER_NOT_MEANT, BEARER_NOT_GRANTED or
 * BEARER_STEP_UP (RFC 9470). With `optional` nobody passes as nobody; somebody must meet the
 * rest. */
#ifndef FB_POLICY_REQUIREMENT_H
#define FB_POLICY_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/error.h"

#define REQUIREMENT_TESTS_MAX   64        /* alternatives in all terms together */
#define REQUIREMENT_LENGTH_MAX  2048      /* octets */
#define REQUIREMENT_SECONDS_MAX 999999999 /* of max-age, 31 years */

struct json_object;

enum requirement_kind {
    /* never holds */
    REQUIRE_NEVER = 0,
    REQUIRE_VALID_TOKEN,
    REQUIRE_OPTIONAL,
    REQUIRE_SCOPE,
    REQUIRE_PERMISSION,
    REQUIRE_EITHER,
    REQUIRE_CLAIM,
    REQUIRE_AUDIENCE,
    REQUIRE_ISSUER,
    REQUIRE_ACR,
    REQUIRE_MAX_AGE,
    REQUIRE__MAX
};

/* How a claim is compared. */
enum requirement_compare { COMPARE_PRESENT = 0, COMPARE_EQUAL, COMPARE_GLOB };

struct requirement_test {
    enum requirement_kind kind;
    /* of REQUIRE_CLAIM */
    enum requirement_compare compare;
    /* to the test before it */
    bool alternative;
    /* `!` stands before it */
    bool negated;
    /* of REQUIRE_MAX_AGE */
    int64_t seconds;
    /* V; not NUL-terminated. In the octets of the requirement, as the steps are */
    const char *value;
    size_t value_length;
    /* of REQUIRE_CLAIM: NAME, for js_follow() */
    const char *steps;
    size_t steps_used;
    /* as it is written, in the text */
    const char *written;
    size_t written_length;
};

struct requirement {
    /* borrowed; UTF-8 without control characters */
    const char *text;
    bool optional;
    size_t count;
    struct requirement_test tests[REQUIREMENT_TESTS_MAX];
    char octets[REQUIREMENT_LENGTH_MAX + 1];
};

/* What it is held against. */
struct requirement_facts {
    /* of a verified token; NULL: none, which meet nothing */
    struct json_object *claims;
    /* seconds since 1970 */
    int64_t now;
    /* seconds by which the issuer's clock may be another, for max-age */
    int64_t leeway;
};

/* What a token does not meet. All NULL: nothing is known of it. */
struct lacking {
    const struct requirement *requirement;
    /* of BEARER_STEP_UP: the first test of the first failed term that asks for it */
    const struct requirement_test *acr, *max_age;
};

/* Whether a test, or a term, holds. Undecided never does, negated or not. */
enum holds { HOLDS_UNDECIDED = 0, HOLDS_FALSE, HOLDS_TRUE };

/* Reads `text`, which must outlive *requirement; neither may be moved. False, with a message in
 * `diag` (which may be NULL) that says where and what to write, for anything that is not in the
 * grammar, an empty text too: the requirement then is one that never holds. Allocates nothing. */
bool requirement_parse(const char *text, struct requirement *requirement, struct diag *diag);

/* Whether one of its terms asks for claims alone, each to be there, so that not every good token of
 * an issuer meets it. */
bool requirement_narrows(const struct requirement *requirement);

/* The outcome of what is of this kind and does not hold. */
enum bearer_code requirement_denial(enum requirement_kind kind) __attribute__((const));

/* BEARER_OK if the facts meet it; else of the failed terms BEARER_NOT_MEANT, BEARER_NOT_GRANTED,
 * BEARER_STEP_UP, the first of these that there is, and *lacking (which may be NULL) says more. A
 * claim of the wrong type meets nothing. Allocates nothing. In requirement_check.c, as the next
 * are. */
enum bearer_code requirement_check(const struct requirement *requirement,
                                   const struct requirement_facts *facts, struct lacking *lacking);

/* Of two outcomes of requirement_check() the one that is answered. */
enum bearer_code requirement_worse(enum bearer_code one, enum bearer_code other)
    __attribute__((const));

/* One test alone. */
enum holds requirement_test_holds(const struct requirement_test *test,
                                  const struct requirement_facts *facts);

/* One term: that of the test with this index, its first. *next is the first of the next term. */
bool requirement_term_holds(const struct requirement *requirement, size_t first, size_t *next,
                            const struct requirement_facts *facts);

/* Adds the scopes that it names to those in `out`, separated by spaces, each once: what a challenge
 * tells the client to ask for, which is of each term the first alternative. What no challenge can
 * name (RFC 6750, section 3) is left out. False, and `out` is empty: they do not fit. In
 * requirement_told.c, as the next is. */
bool requirement_add_scopes(const struct requirement *requirement, char *out, size_t size);

/* Writes the acr values of the term that begins with this test of `requirement`, separated by
 * spaces (RFC 9470, section 3); empty if none can be named. */
void requirement_acr_values(const struct requirement *requirement,
                            const struct requirement_test *first, char *out, size_t size);

#endif
