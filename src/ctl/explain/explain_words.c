/* SPDX-License-Identifier: MIT */
/* explain: a requirement in words, each of its parts with what the token has to say to it. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/explain/explain.h"
#include "policy/grants.h"
#include "policy/value.h"

void line_add_value(struct line *line, const char *value, size_t length)
{
    struct text written CLEANUP(text_clear) = {0};
    value_write(&written, value, length);
    line_add(line, "%.*s", (int)written.length, written.bytes != NULL ? written.bytes : "");
}

void line_add_name(struct line *line, const char *steps, size_t used)
{
    struct text written CLEANUP(text_clear) = {0};
    value_write_name(&written, steps, used);
    line_add(line, "%.*s", (int)written.length, written.bytes != NULL ? written.bytes : "");
}

/* What a claim must be, or must not. */
static void add_claim(struct line *line, const struct requirement_test *test)
{
    line_add(line, "the claim ");
    line_add_name(line, test->steps, test->steps_used);
    switch (test->compare) {
    case COMPARE_PRESENT:
        line_add(line, test->negated ? " is not there, or is null or false"
                                     : " is there, and neither null nor false");
        return;
    case COMPARE_EQUAL:
        line_add(line, test->negated ? " is not " : " is ");
        line_add_value(line, test->value, test->value_length);
        line_add(line, test->negated ? ", nor an array with it" : ", or an array with it");
        return;
    case COMPARE_GLOB:
        line_add(line, test->negated ? " is not like " : " is like ");
        line_add_value(line, test->value, test->value_length);
        line_add(line, test->negated ? ", nor an array with such a string"
                                     : ", or an array with such a string");
        return;
    }
}

void explain_words(const struct requirement_test *test, struct line *line)
{
    static const struct {
        const char *before, *behind;
    } words[REQUIRE__MAX] = {
        [REQUIRE_VALID_TOKEN] = {"any valid token", NULL},
        [REQUIRE_OPTIONAL] = {"without a token one passes as nobody; with one the rest must hold",
                              NULL},
        [REQUIRE_SCOPE] = {"the client was granted the scope ", ""},
        [REQUIRE_PERMISSION] = {"the user has the permission ", ""},
        [REQUIRE_EITHER] = {"", " is a scope of the client or a permission of the user"},
        [REQUIRE_AUDIENCE] = {"the token is for the audience ", " (aud)"},
        [REQUIRE_ISSUER] = {"the token is from the issuer ", " (iss)"},
        [REQUIRE_ACR] = {"the user signed in as ", " (acr)"},
    };
    if (test->kind == REQUIRE_CLAIM) {
        add_claim(line, test);
    } else if (test->kind == REQUIRE_MAX_AGE) {
        line_add(line, "the user signed in at most %" PRId64 " s ago (auth_time)", test->seconds);
    } else if ((unsigned)test->kind < REQUIRE__MAX && words[test->kind].before != NULL) {
        line_add(line, "%s", words[test->kind].before);
        if (words[test->kind].behind != NULL) {
            line_add_value(line, test->value, test->value_length);
            line_add(line, "%s", words[test->kind].behind);
        }
    }
}

/* A value that is there. */
static void add_value_found(struct line *line, struct json_object *value)
{
    size_t length = 0;
    const char *text = js_value_scalar(value, &length);
    if (text != NULL) {
        line_add(line, "it is ");
        line_add_text(line, text, length);
    } else if (js_value_type(value) == JS_ARRAY) {
        line_add(line, "it is ");
        line_add_array(line, value);
    } else {
        line_add(line, "it is %s", explain_type(js_value_type(value)));
    }
}

static void add_claim_found(const struct explain *explain, const struct requirement_test *test,
                            struct line *line)
{
    struct json_object *value = NULL;
    switch (js_follow(explain->verified_claims, test->steps, test->steps_used, &value)) {
    case JS_FOUND:
        add_value_found(line, value);
        return;
    case JS_NOTHING:
        line_add(line, strcmp(test->steps, "groups") == 0 &&
                               explain_holds(explain, test) == HOLDS_UNDECIDED
                           ? "the groups were left out of the token for their number"
                           : "there is no such claim");
        return;
    case JS_UNDECIDED:
        line_add(line, "a step of it leads into what has no such steps");
        return;
    }
}

void explain_found(const struct explain *explain, const struct requirement_test *test,
                   struct line *line)
{
    struct json_object *claims = explain->verified_claims;
    switch (test->kind) {
    case REQUIRE_CLAIM:
        add_claim_found(explain, test, line);
        return;
    case REQUIRE_SCOPE:
    case REQUIRE_EITHER:
    case REQUIRE_PERMISSION:
        if (test->kind != REQUIRE_PERMISSION) {
            line_add(line, "%s is ", grants_scope_claim(claims));
            line_add_strings(line, claims, grants_scope_claim(claims));
        }
        if (test->kind == REQUIRE_EITHER) {
            line_add(line, ", ");
        }
        if (test->kind != REQUIRE_SCOPE) {
            line_add(line, "permissions is ");
            line_add_strings(line, claims, "permissions");
        }
        return;
    case REQUIRE_AUDIENCE:
    case REQUIRE_ISSUER:
    case REQUIRE_ACR:
    case REQUIRE_MAX_AGE: {
        const char *name = test->kind == REQUIRE_AUDIENCE ? "aud"
                           : test->kind == REQUIRE_ISSUER ? "iss"
                           : test->kind == REQUIRE_ACR    ? "acr"
                                                          : "auth_time";
        const char *number = js_number_text(claims, name);
        line_add(line, "%s is %s", name, number != NULL ? number : "");
        if (number == NULL) {
            line_add_strings(line, claims, name);
        }
        return;
    }
    case REQUIRE_NEVER:
    case REQUIRE_VALID_TOKEN:
    case REQUIRE_OPTIONAL:
    case REQUIRE__MAX:
        return;
    }
}

enum holds explain_holds(const struct explain *explain, const struct requirement_test *test)
{
    const struct requirement_facts facts = explain_facts(explain);
    return requirement_test_holds(test, &facts);
}

struct requirement_facts explain_facts(const struct explain *explain)
{
    return (struct requirement_facts){.claims = explain->verified_claims,
                                      .now = explain->now,
                                      .leeway =
                                          explain->config != NULL ? explain->config->leeway : 0};
}

const char *explain_holds_name(const struct explain *explain, const struct requirement_test *test)
{
    if (explain->verified_claims == NULL) {
        return "not reached";
    }
    switch (explain_holds(explain, test)) {
    case HOLDS_TRUE:
        return "holds";
    case HOLDS_FALSE:
        return "fails";
    case HOLDS_UNDECIDED:
        break;
    }
    return "undecided";
}
