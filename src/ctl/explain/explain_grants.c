/* SPDX-License-Identifier: MIT */
/* explain: a requirement that a good token does not meet: what is there, and what to do. */
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
    /* where the search is; where it was found, in the end */
    char path[300];
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
    size_t used = strlen(search->path);
    int n = snprintf(search->path + used, sizeof search->path - used, "%s%s",
                     used > 0 ? " in " : "", name);
    if (n > 0 && used + (size_t)n < sizeof search->path) {
        search->found = is_meant(search, name);
        if (!search->found && search->depth < DEPTH_MAX) {
            search->depth++;
            (void)js_each(value, visit, search);
            search->depth--;
        }
    }
    if (!search->found) {
        search->path[used] = '\0';
    }
    return !search->found;
}

/* The part of a name behind its last dot, slash or colon: what people write for a nested claim. */
static void last_part(const struct requirement_test *test, struct search *search)
{
    size_t start = test->name_length;
    while (start > 0 && strchr("./:", test->name[start - 1]) == NULL) {
        start--;
    }
    search->name = test->name + start;
    search->length = test->name_length - start;
}

/* A claim that does not have the value: is it another type, elsewhere, or not there at all? */
static void mend_claim(struct explain *explain, const struct requirement_test *test)
{
    const struct json_object *claims = explain->verified_claims;
    struct line *line = explain_new_mend(explain);
    char name[REQUIREMENT_LENGTH_MAX + 1];
    struct search search = {.path = ""};
    (void)snprintf(name, sizeof name, "%.*s", (int)test->name_length, test->name);
    enum js_type type = js_type(claims, name);
    if (type == JS_OBJECT || type == JS_NULL) {
        line_add(
            line,
            "the claim %s is %s, and only a string, a number, true, false or an array of those is "
            "compared: ",
            name, explain_type(type));
    } else if (type != JS_ABSENT) {
        line_add(line, "the claim %s is there with another value: ", name);
    } else {
        last_part(test, &search);
        if (search.length > 0) {
            (void)js_each(claims, visit, &search);
        }
        if (search.found && strstr(search.path, " in ") == NULL) {
            line_add(line, "there is no claim %s, but ", name);
            line_add_text(line, search.path, strlen(search.path));
            line_add(line, ": if that is meant, name it so; else ");
        } else if (search.found) {
            line_add(line, "the claim is nested (");
            line_add_text(line, search.path, strlen(search.path));
            line_add(
                line,
                ", the outer one first), and only claims at the top are looked at: the issuer has "
                "to put it there too; ");
        } else {
            line_add(line, "there is no claim %s in the token: ", name);
        }
    }
    line_add(line, "the token needs the claim %s with the value %.*s: the issuer has to put it in",
             name, (int)test->value_length, test->value);
}

/* scope or scp of a type that grants nothing. */
static void mend_scope_form(struct explain *explain, const struct requirement_test *test,
                            const char *name)
{
    struct line *line = explain_new_mend(explain);
    const struct json_object *claims = explain->verified_claims;
    line_add(
        line,
        "%s is %s, which grants nothing: the issuer has to write a string of words with spaces "
        "between them",
        name, explain_type(js_type(claims, name)));
    if (grants_claim(claims, name, strlen(name), test->name, test->name_length)) {
        line_add(line, ", or require claim:%s=%.*s", name, (int)test->name_length, test->name);
    }
}

static void mend_test(struct explain *explain, const struct requirement_test *test)
{
    const struct json_object *claims = explain->verified_claims;
    const char *name = test->name;
    int length = (int)test->name_length;
    bool scope_wanted = test->kind == REQUIRE_SCOPE || test->kind == REQUIRE_EITHER;
    bool by_scp = js_type(claims, "scope") == JS_ABSENT;
    enum js_type type = js_type(claims, by_scp ? "scp" : "scope");
    enum js_type permissions = js_type(claims, "permissions");
    if (test->kind == REQUIRE_SCOPE && grants_permission(claims, name, test->name_length)) {
        line_add(explain_new_mend(explain),
                 "%.*s is among the permissions and not the scopes: require permission=%.*s, or "
                 "either=%.*s",
                 length, name, length, name, length, name);
    } else if (test->kind == REQUIRE_PERMISSION && grants_scope(claims, name, test->name_length)) {
        line_add(
            explain_new_mend(explain),
            "%.*s is among the scopes and not the permissions: require scope=%.*s, or either=%.*s. "
            "A scope is what the client was granted, a permission what its user may do",
            length, name, length, name, length, name);
    } else if (scope_wanted && type != JS_ABSENT && type != JS_STRING &&
               !(by_scp && type == JS_ARRAY)) {
        mend_scope_form(explain, test, by_scp ? "scp" : "scope");
    } else if (test->kind == REQUIRE_SCOPE || test->kind == REQUIRE_EITHER) {
        line_add(explain_new_mend(explain),
                 "the client has to ask for the scope %.*s, and be granted it", length, name);
    } else if (test->kind == REQUIRE_PERMISSION && permissions == JS_ABSENT) {
        line_add(
            explain_new_mend(explain),
            "there are no permissions in the token: Auth0 puts them in with \"Enable RBAC\" and "
            "\"Add Permissions in the Access Token\" (APIs, the API, Settings)");
    } else if (test->kind == REQUIRE_PERMISSION && permissions != JS_ARRAY) {
        line_add(explain_new_mend(explain),
                 "permissions is %s: the issuer has to write an array of strings",
                 explain_type(permissions));
    } else if (test->kind == REQUIRE_PERMISSION) {
        line_add(explain_new_mend(explain),
                 "the user needs the permission %.*s: give it to a role of theirs", length, name);
    } else if (test->kind == REQUIRE_CLAIM) {
        mend_claim(explain, test);
    }
}

void explain_mend_grants(struct explain *explain)
{
    const struct requirement *requirement = explain->requirement;
    for (size_t index = 0; index < requirement->count;) {
        const struct requirement term = explain_term(requirement, &index);
        if (requirement_check(&term, explain->verified_claims) == BEARER_OK) {
            continue;
        }
        mend_test(
            explain,
            &term.tests[0]); /* of alternatives the first is what the operator would rather have */
    }
}
