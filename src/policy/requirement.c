/* SPDX-License-Identifier: MIT */
#include "policy/requirement.h"

#include <string.h>

#include "base/log.h"
#include "policy/grants.h"

#define SHOWN_MAX 100

/* What a test begins with, and what it then is. */
static const struct {
    const char *prefix;
    enum requirement_kind kind;
} prefixes[] = {
    {"scope=", REQUIRE_SCOPE},
    {"permission=", REQUIRE_PERMISSION},
    {"either=", REQUIRE_EITHER},
    {"claim:", REQUIRE_CLAIM},
};

/* Quotes and backslashes would have to be escaped in a challenge (RFC 6750, section 3: no scope has
 * them). */
static bool printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e || text[i] == '"' || text[i] == '\\') {
            return false;
        }
    }
    return true;
}

/* NAME=VALUE, split at the last `=`; neither may be empty. */
static bool split_claim(struct requirement_test *test)
{
    size_t at = test->name_length;
    while (at > 0 && test->name[at - 1] != '=') {
        at--;
    }
    if (at < 2 || at == test->name_length) {
        return false;
    }
    test->value = test->name + at;
    test->value_length = test->name_length - at;
    test->name_length = at - 1;
    return true;
}

static bool parse_test(const char *text, size_t length, struct requirement_test *test)
{
    static const char valid[] = "valid-token";
    if (length == sizeof valid - 1 && memcmp(text, valid, length) == 0) {
        test->kind = REQUIRE_VALID_TOKEN;
        return true;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t n = strlen(prefixes[i].prefix);
        if (length > n && memcmp(text, prefixes[i].prefix, n) == 0) {
            test->name = text + n;
            test->name_length = length - n;
            bool good = prefixes[i].kind != REQUIRE_CLAIM || split_claim(test);
            test->kind = good ? prefixes[i].kind : REQUIRE_NEVER;
            return good;
        }
    }
    return false;
}

static bool refuse(struct requirement *requirement, struct diag *diag, const char *what,
                   const char *text, size_t length)
{
    char shown[SHOWN_MAX];
    requirement->optional = false;
    requirement->count = 0;
    diag_set(
        diag,
        "%s \"%s\"; a requirement is made of valid-token, scope=NAME, permission=NAME, either=NAME "
        "and claim:NAME=VALUE, separated by spaces (all must hold) or by | (one of them), or is "
        "the word optional alone",
        what, log_escape(shown, sizeof shown, text, length));
    return false;
}

/* The alternatives of one term. */
static bool parse_term(const char *text, size_t length, struct requirement *requirement,
                       struct diag *diag)
{
    const char *end = text + length;
    for (bool first = true;; first = false) {
        const char *bar = memchr(text, '|', (size_t)(end - text));
        const char *stop = bar != NULL ? bar : end;
        struct requirement_test test = {.alternative = !first};
        if (requirement->count == REQUIREMENT_TESTS_MAX) {
            return refuse(requirement, diag, "too many terms, from", text, (size_t)(stop - text));
        }
        if (!parse_test(text, (size_t)(stop - text), &test)) {
            return refuse(requirement, diag, "unknown term", text, (size_t)(stop - text));
        }
        requirement->tests[requirement->count++] = test;
        if (bar == NULL) {
            return true;
        }
        text = bar + 1;
    }
}

bool requirement_parse(const char *text, struct requirement *requirement, struct diag *diag)
{
    size_t length = strlen(text);
    requirement->text = text;
    requirement->optional = false;
    requirement->count = 0;
    if (length > REQUIREMENT_LENGTH_MAX || !printable(text, length)) {
        requirement->text = "";
        return refuse(requirement, diag, "too long, or not printable:", text, length);
    }
    if (strcmp(text, "optional") == 0) {
        requirement->optional = true;
        return true;
    }
    for (const char *at = text + strspn(text, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t term = strcspn(at, " ");
        if (!parse_term(at, term, requirement, diag)) {
            return false;
        }
        at += term;
    }
    if (requirement->count == 0) {
        return refuse(requirement, diag, "empty:", text, length);
    }
    return true;
}

static bool holds(const struct requirement_test *test, const struct json_object *claims)
{
    switch (test->kind) {
    case REQUIRE_VALID_TOKEN:
        return true;
    case REQUIRE_SCOPE:
        return grants_scope(claims, test->name, test->name_length);
    case REQUIRE_PERMISSION:
        return grants_permission(claims, test->name, test->name_length);
    case REQUIRE_EITHER:
        return grants_scope(claims, test->name, test->name_length) ||
               grants_permission(claims, test->name, test->name_length);
    case REQUIRE_CLAIM:
        return grants_claim(claims, test->name, test->name_length, test->value, test->value_length);
    case REQUIRE_NEVER:
        break;
    }
    return false;
}

enum bearer_code requirement_check(const struct requirement *requirement,
                                   const struct json_object *claims)
{
    if (requirement->optional) {
        return BEARER_OK;
    }
    bool all = requirement->count > 0;
    for (size_t i = 0; i < requirement->count;) {
        bool any = false;
        do { /* one term */
            any = holds(&requirement->tests[i], claims) || any;
            i++;
        } while (i < requirement->count && requirement->tests[i].alternative);
        all = all && any;
    }
    return all ? BEARER_OK : BEARER_NOT_GRANTED;
}

static bool named_before(const struct requirement *requirement, size_t index)
{
    const struct requirement_test *test = &requirement->tests[index];
    for (size_t i = 0; i < index; i++) {
        const struct requirement_test *other = &requirement->tests[i];
        if ((other->kind == REQUIRE_SCOPE || other->kind == REQUIRE_EITHER) &&
            other->name_length == test->name_length &&
            memcmp(other->name, test->name, test->name_length) == 0) {
            return true;
        }
    }
    return false;
}

void requirement_scopes(const struct requirement *requirement, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < requirement->count; i++) {
        const struct requirement_test *test = &requirement->tests[i];
        if ((test->kind != REQUIRE_SCOPE && test->kind != REQUIRE_EITHER) ||
            named_before(requirement, i)) {
            continue;
        }
        if (used + 1 + test->name_length + 1 > size) {
            out[0] = '\0';
            return;
        }
        if (used > 0) {
            out[used++] = ' ';
        }
        memcpy(out + used, test->name, test->name_length);
        used += test->name_length;
        out[used] = '\0';
    }
}
