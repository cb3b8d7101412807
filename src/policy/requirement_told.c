/* SPDX-License-Identifier: MIT */
/* What of a requirement a challenge names. */
#include <string.h>

#include "policy/requirement.h"

/* What may stand in a quoted list (RFC 6749, section 3.3): printable ASCII without a space, `"` and
 * `\`. */
static bool is_listable(const struct requirement_test *test)
{
    for (size_t i = 0; i < test->value_length; i++) {
        const char c = test->value[i];
        if (c <= 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return test->value_length > 0;
}

/* Whether one of the words between spaces is this value. */
static bool has_word(const char *words, const struct requirement_test *test)
{
    for (;;) {
        const size_t length = strcspn(words, " ");
        if (length == test->value_length && memcmp(words, test->value, length) == 0) {
            return true;
        }
        if (words[length] == '\0') {
            return false;
        }
        words += length + 1;
    }
}

/* Adds it to the list, if it is not there. False, and the list is empty: it does not fit. */
static bool add_word(const struct requirement_test *test, char *out, size_t size)
{
    size_t used = strlen(out);
    if (!is_listable(test) || has_word(out, test)) {
        return true;
    }
    if (used + 1 + test->value_length + 1 > size) {
        out[0] = '\0';
        return false;
    }
    if (used > 0) {
        out[used++] = ' ';
    }
    memcpy(out + used, test->value, test->value_length);
    out[used + test->value_length] = '\0';
    return true;
}

bool requirement_add_scopes(const struct requirement *requirement, char *out, size_t size)
{
    for (size_t i = 0; i < requirement->count; i++) {
        const struct requirement_test *test = &requirement->tests[i];
        if (!test->alternative && (test->kind == REQUIRE_SCOPE || test->kind == REQUIRE_EITHER) &&
            !add_word(test, out, size)) {
            return false;
        }
    }
    return true;
}

void requirement_acr_values(const struct requirement *requirement,
                            const struct requirement_test *first, char *out, size_t size)
{
    const struct requirement_test *end = requirement->tests + requirement->count;
    out[0] = '\0';
    for (const struct requirement_test *test = first;
         test < end && (test == first || test->alternative); test++) {
        if (test->kind == REQUIRE_ACR && !add_word(test, out, size)) {
            return;
        }
    }
}
