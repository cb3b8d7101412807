/* SPDX-License-Identifier: MIT */
/* explain: a requirement that a good token does not meet: what is there, and what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/explain/explain.h"
#include "json/json.h"
#include "policy/grants.h"

#define DEPTH_MAX 4

/* A member that may be the one that was meant. */
struct search {
    /* the last part of what was asked for */
    const char *name;
    size_t length;
    /* where the search is, as steps; where it was found, in the end */
    char steps[300];
    size_t used;
    unsigned depth;
    bool found;
};

/* Whether a member's name is the one, or ends in it after a slash or colon, as names with a
 * namespace do. */
static bool is_meant(const struct search *search, const char *name)
{
    size_t length = strlen(name);
    if (length < search->length ||
        memcmp(name + length - search->length, search->name, search->length) != 0) {
        return false;
    }
    return length == search->length || strchr("/:", name[length - search->length - 1]) != NULL;
}

static bool visit(void *context, const char *name, struct json_object *value)
{
    struct search *search = context;
    const size_t used = search->used;
    const size_t length = strlen(name) + 1;
    if (length > sizeof search->steps - used) {
        return true;
    }
    memcpy(search->steps + used, name, length);
    search->used += length;
    search->found = is_meant(search, name);
    if (!search->found && search->depth < DEPTH_MAX) {
        search->depth++;
        (void)js_each(value, visit, search);
        search->depth--;
    }
    if (!search->found) {
        search->used = used;
    }
    return !search->found;
}

/* The last step of a name, and of it the part behind its last dot, slash or colon: what people
 * write for a nested claim. */
static void last_part(const struct requirement_test *test, struct search *search)
{
    const char *end = test->steps + test->steps_used - 1;
    const char *start = end;
    while (start > test->steps && start[-1] != '\0' && strchr("./:", start[-1]) == NULL) {
        start--;
    }
    search->name = start;
    search->length = (size_t)(end - start);
}

/* There is no such claim: is it elsewhere? */
static void add_elsewhere(const struct explain *explain, const struct requirement_test *test,
                          struct line *line)
{
    struct search search = {.used = 0};
    last_part(test, &search);
    if (search.length > 0) {
        (void)js_each(explain->verified_claims, visit, &search);
    }
    line_add(line, "there is no claim ");
    line_add_name(line, test->steps, test->steps_used);
    if (search.found) {
        line_add(line, ", but ");
        line_add_name(line, search.steps, search.used);
        line_add(line, ": if that is meant, name it so; else ");
    } else {
        line_add(line, " in the token: ");
    }
}

/* A claim that does not have the value: is it another type, elsewhere, or not there at all? */
static void add_claim_is(const struct explain *explain, const struct requirement_test *test,
                         struct line *line)
{
    struct json_object *value = NULL;
    const enum js_found found =
        js_follow(explain->verified_claims, test->steps, test->steps_used, &value);
    const enum js_type type = js_value_type(value);
    if (found == JS_NOTHING) {
        add_elsewhere(explain, test, line);
        return;
    }
    line_add(line, "the claim ");
    line_add_name(line, test->steps, test->steps_used);
    if (found == JS_UNDECIDED) {
        line_add(line, " leads into what has no such member: ");
    } else if (type == JS_OBJECT || type == JS_NULL) {
        line_add(line,
                 " is %s, and only a string, a number, true, false or an array of those is "
                 "compared",
                 explain_type(type));
        line_add(line, type == JS_OBJECT ? " (a member of it has its name behind a /): " : ": ");
    } else if (test->compare == COMPARE_GLOB && type != JS_STRING && type != JS_ARRAY) {
        line_add(line, " is %s, and only strings have a pattern: ", explain_type(type));
    } else {
        line_add(line, " is there with another value: ");
    }
}

static void mend_claim(struct explain *explain, const struct requirement_test *test)
{
    struct line *line = explain_new_mend(explain);
    struct json_object *value = NULL;
    const bool undecided = explain_holds(explain, test) == HOLDS_UNDECIDED;
    if (undecided && strcmp(test->steps, "groups") == 0 &&
        js_follow(explain->verified_claims, test->steps, test->steps_used, &value) == JS_NOTHING) {
        line_add(line, "the user is in more groups than the issuer puts into a token, and it left "
                       "them out: have it put in app roles, or only the groups that are assigned "
                       "to the application");
        return;
    }
    if (test->negated) {
        line_add(line, "the claim ");
        line_add_name(line, test->steps, test->steps_used);
        line_add(line, undecided ? " is nothing that can be compared, so that nobody can tell: the "
                                   "issuer has to put it in as a string, or leave it out"
                                 : " is what must not be here: this token is not let in");
        return;
    }
    add_claim_is(explain, test, line);
    line_add(line, "the token needs the claim ");
    line_add_name(line, test->steps, test->steps_used);
    if (test->compare != COMPARE_PRESENT) {
        line_add(line, test->compare == COMPARE_GLOB ? " with a value like " : " with the value ");
        line_add_value(line, test->value, test->value_length);
    }
    line_add(line, ": the issuer has to put it in");
}

/* scope or scp of a type that grants nothing. */
static void mend_scope_form(struct explain *explain, const char *name)
{
    struct line *line = explain_new_mend(explain);
    const struct json_object *claims = explain->verified_claims;
    line_add(line,
             "%s is %s, which grants nothing: the issuer has to write a string of words with "
             "spaces between them, or an array of strings",
             name,
             js_type(claims, name) == JS_ARRAY ? "an array with something else than strings in it"
                                               : explain_type(js_type(claims, name)));
}

/* "permission=x, or either=x" */
static void add_instead(struct line *line, const char *word, const struct requirement_test *test)
{
    line_add(line, ": require %s=", word);
    line_add_value(line, test->value, test->value_length);
    line_add(line, ", or either=");
    line_add_value(line, test->value, test->value_length);
}

/* Whether the claim grants what it holds: absent, a string, or an array of strings. */
static bool is_well_formed(const struct json_object *claims, const char *name)
{
    const struct json_object *array = js_array(claims, name);
    for (size_t i = 0; i < js_array_length(array); i++) {
        if (js_array_type(array, i) != JS_STRING) {
            return false;
        }
    }
    return array != NULL || js_type(claims, name) == JS_ABSENT ||
           js_type(claims, name) == JS_STRING;
}

static void mend_scope(struct explain *explain, const struct requirement_test *test)
{
    const struct json_object *claims = explain->verified_claims;
    const char *name = grants_scope_claim(claims);
    if (test->kind == REQUIRE_SCOPE && grants_permission(claims, test->value, test->value_length)) {
        struct line *line = explain_new_mend(explain);
        line_add_value(line, test->value, test->value_length);
        line_add(line, " is among the permissions and not the scopes");
        add_instead(line, "permission", test);
    } else if (!is_well_formed(claims, name)) {
        mend_scope_form(explain, name);
    } else {
        struct line *line = explain_new_mend(explain);
        line_add(line, "the client has to ask for the scope ");
        line_add_value(line, test->value, test->value_length);
        line_add(line, ", and be granted it");
    }
}

static void mend_permission(struct explain *explain, const struct requirement_test *test)
{
    const struct json_object *claims = explain->verified_claims;
    const enum js_type permissions = js_type(claims, "permissions");
    struct line *line = explain_new_mend(explain);
    if (grants_scope(claims, test->value, test->value_length)) {
        line_add_value(line, test->value, test->value_length);
        line_add(line, " is among the scopes and not the permissions");
        add_instead(line, "scope", test);
        line_add(line,
                 ". A scope is what the client was granted, a permission what its user may do");
    } else if (permissions == JS_ABSENT) {
        line_add(line, "there are no permissions in the token: Auth0 puts them in with \"Enable "
                       "RBAC\" and \"Add Permissions in the Access Token\" (APIs, the API, "
                       "Settings)");
    } else if (permissions != JS_ARRAY) {
        line_add(line, "permissions is %s: the issuer has to write an array of strings",
                 explain_type(permissions));
    } else {
        line_add(line, "the user needs the permission ");
        line_add_value(line, test->value, test->value_length);
        line_add(line, ": give it to a role of theirs");
    }
}

/* Another audience, issuer or log-in: only another token will do. */
static void mend_token(struct explain *explain, const struct requirement_test *test)
{
    struct line *line = explain_new_mend(explain);
    if (test->kind == REQUIRE_MAX_AGE) {
        line_add(line,
                 "the client has to send the user to sign in again, with max_age=%" PRId64
                 ", and the issuer has to put auth_time into the token",
                 test->seconds);
        return;
    }
    line_add(line, "%s",
             test->kind == REQUIRE_AUDIENCE ? "ask for an access token with audience "
             : test->kind == REQUIRE_ISSUER
                 ? "only tokens of one issuer are taken here: get one from "
                 : "the client has to send the user to sign in again, with acr_values=");
    line_add_value(line, test->value, test->value_length);
}

static void mend_test(struct explain *explain, const struct requirement_test *test)
{
    switch (test->kind) {
    case REQUIRE_SCOPE:
    case REQUIRE_EITHER:
        mend_scope(explain, test);
        return;
    case REQUIRE_PERMISSION:
        mend_permission(explain, test);
        return;
    case REQUIRE_CLAIM:
        mend_claim(explain, test);
        return;
    case REQUIRE_AUDIENCE:
    case REQUIRE_ISSUER:
    case REQUIRE_ACR:
    case REQUIRE_MAX_AGE:
        mend_token(explain, test);
        return;
    case REQUIRE_NEVER:
    case REQUIRE_VALID_TOKEN:
    case REQUIRE_OPTIONAL:
    case REQUIRE__MAX:
        return;
    }
}

void explain_mend_grants(struct explain *explain)
{
    const struct requirement *requirement = explain->requirement;
    const struct requirement_facts facts = explain_facts(explain);
    for (size_t first = 0, next = 0; first < requirement->count; first = next) {
        if (!requirement_term_holds(requirement, first, &next, &facts)) {
            /* of alternatives the first is what the operator would rather have */
            mend_test(explain, &requirement->tests[first]);
        }
    }
}
