/* SPDX-License-Identifier: MIT */
/* Whether claims meet a requirement. Nothing here allocates: it runs for each request. */
#include <string.h>

#include "base/numeric_date.h"
#include "json/json.h"
#include "policy/glob.h"
#include "policy/grants.h"
#include "policy/requirement.h"

static enum holds holds_if(bool condition)
{
    return condition ? HOLDS_TRUE : HOLDS_FALSE;
}

static bool is_value(const struct requirement_test *test, const char *text, size_t length)
{
    return text != NULL && length == test->value_length && memcmp(text, test->value, length) == 0;
}

/* Any element that compares; what has no text is passed over. */
static enum holds equal_element(const struct requirement_test *test,
                                const struct json_object *array)
{
    for (size_t i = 0; i < js_array_length(array); i++) {
        size_t length = 0;
        const char *text = js_array_scalar(array, i, &length);
        if (is_value(test, text, length)) {
            return HOLDS_TRUE;
        }
    }
    return HOLDS_FALSE;
}

static enum holds equal(const struct requirement_test *test, struct json_object *value)
{
    size_t length = 0;
    switch (js_value_type(value)) {
    case JS_STRING:
    case JS_NUMBER:
    case JS_BOOLEAN: {
        const char *text = js_value_scalar(value, &length);
        return holds_if(is_value(test, text, length));
    }
    case JS_ARRAY:
        return equal_element(test, value);
    case JS_NULL:
        return HOLDS_FALSE;
    case JS_OBJECT:
    case JS_ABSENT:
        break;
    }
    return HOLDS_UNDECIDED;
}

static bool matches(const struct requirement_test *test, const char *text, size_t length)
{
    return glob_matches(test->value, test->value_length, text, length);
}

/* Any string; what is none could have been the one that matters, unless one matches. */
static enum holds glob(const struct requirement_test *test, struct json_object *value)
{
    size_t length = 0;
    enum holds none = HOLDS_FALSE;
    if (js_value_type(value) == JS_STRING) {
        const char *text = js_value_scalar(value, &length);
        return holds_if(matches(test, text, length));
    }
    if (js_value_type(value) != JS_ARRAY) {
        return HOLDS_UNDECIDED;
    }
    for (size_t i = 0; i < js_array_length(value); i++) {
        const char *text = js_array_string(value, i, &length);
        if (text == NULL) {
            none = HOLDS_UNDECIDED;
        } else if (matches(test, text, length)) {
            return HOLDS_TRUE;
        }
    }
    return none;
}

static enum holds present(struct json_object *value)
{
    size_t length = 0;
    const enum js_type type = js_value_type(value);
    const char *text = type == JS_BOOLEAN ? js_value_scalar(value, &length) : NULL;
    return holds_if(type != JS_NULL && (text == NULL || strcmp(text, "false") != 0));
}

/* Groups that are too many for a token are left out of it, and a mark stands there instead (Entra
 * ID): nobody can tell from such a token which groups somebody is in. */
static bool left_out(const struct requirement_test *test, const struct json_object *claims)
{
    return strcmp(test->steps, "groups") == 0 && js_type(claims, "groups") == JS_ABSENT &&
           (js_type(claims, "_claim_names") != JS_ABSENT ||
            js_type(claims, "hasgroups") != JS_ABSENT);
}

static enum holds claim_holds(const struct requirement_test *test, struct json_object *claims)
{
    struct json_object *value = NULL;
    if (left_out(test, claims)) {
        return HOLDS_UNDECIDED;
    }
    switch (js_follow(claims, test->steps, test->steps_used, &value)) {
    case JS_FOUND:
        return test->compare == COMPARE_EQUAL  ? equal(test, value)
               : test->compare == COMPARE_GLOB ? glob(test, value)
                                               : present(value);
    case JS_NOTHING:
        return HOLDS_FALSE;
    case JS_UNDECIDED:
        break;
    }
    return HOLDS_UNDECIDED;
}

static enum holds negated(enum holds holds)
{
    return holds == HOLDS_TRUE ? HOLDS_FALSE : holds == HOLDS_FALSE ? HOLDS_TRUE : HOLDS_UNDECIDED;
}

static bool is_string(const struct requirement_test *test, const struct json_object *claims,
                      const char *name)
{
    size_t length = 0;
    const char *text = js_string(claims, name, &length);
    return is_value(test, text, length);
}

/* A string, or an array of strings with it. */
static bool names(const struct requirement_test *test, const struct json_object *claims,
                  const char *name)
{
    size_t length = 0;
    bool found = is_string(test, claims, name);
    const struct json_object *array = js_array(claims, name);
    for (size_t i = 0; i < js_array_length(array); i++) {
        const char *text = js_array_string(array, i, &length);
        if (text == NULL) {
            return false;
        }
        found = found || is_value(test, text, length);
    }
    return found;
}

/* Whether somebody has signed in so lately, as exp and iat are judged: clocks may differ. */
static bool is_recent(const struct requirement_test *test, const struct requirement_facts *facts)
{
    struct numeric_date date;
    const char *text = js_number_text(facts->claims, "auth_time");
    return text != NULL && numeric_date_parse(text, &date) &&
           date.seconds <= facts->now + facts->leeway &&
           facts->now - date.seconds <= test->seconds + facts->leeway;
}

enum holds requirement_test_holds(const struct requirement_test *test,
                                  const struct requirement_facts *facts)
{
    struct json_object *claims = facts->claims;
    const char *value = test->value;
    const size_t length = test->value_length;
    if (claims == NULL) {
        return HOLDS_UNDECIDED;
    }
    switch (test->kind) {
    case REQUIRE_VALID_TOKEN:
    case REQUIRE_OPTIONAL:
        return HOLDS_TRUE;
    case REQUIRE_SCOPE:
        return holds_if(grants_scope(claims, value, length));
    case REQUIRE_PERMISSION:
        return holds_if(grants_permission(claims, value, length));
    case REQUIRE_EITHER:
        return holds_if(grants_scope(claims, value, length) ||
                        grants_permission(claims, value, length));
    case REQUIRE_CLAIM:
        return test->negated ? negated(claim_holds(test, claims)) : claim_holds(test, claims);
    case REQUIRE_AUDIENCE:
        return holds_if(names(test, claims, "aud"));
    case REQUIRE_ISSUER:
        return holds_if(is_string(test, claims, "iss"));
    case REQUIRE_ACR:
        return holds_if(is_string(test, claims, "acr"));
    case REQUIRE_MAX_AGE:
        return holds_if(is_recent(test, facts));
    case REQUIRE_NEVER:
    case REQUIRE__MAX:
        break;
    }
    return HOLDS_UNDECIDED;
}

bool requirement_term_holds(const struct requirement *requirement, size_t first, size_t *next,
                            const struct requirement_facts *facts)
{
    bool any = false;
    size_t i = first;
    do {
        any = any || requirement_test_holds(&requirement->tests[i], facts) == HOLDS_TRUE;
        i++;
    } while (i < requirement->count && requirement->tests[i].alternative);
    *next = i;
    return any;
}

enum bearer_code requirement_worse(enum bearer_code one, enum bearer_code other)
{
    static const enum bearer_code order[] = {BEARER_NOT_MEANT, BEARER_NOT_GRANTED, BEARER_STEP_UP};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (one == order[i] || other == order[i]) {
            return order[i];
        }
    }
    return BEARER_OK;
}

static void note_step_up(const struct requirement_test *first, struct lacking *lacking)
{
    if (first->kind == REQUIRE_ACR && lacking->acr == NULL) {
        lacking->acr = first;
    } else if (first->kind == REQUIRE_MAX_AGE && lacking->max_age == NULL) {
        lacking->max_age = first;
    }
}

enum bearer_code requirement_check(const struct requirement *requirement,
                                   const struct requirement_facts *facts, struct lacking *lacking)
{
    struct lacking found = {.requirement = requirement};
    enum bearer_code code = requirement->count > 0 ? BEARER_OK : BEARER_NOT_GRANTED;
    for (size_t i = 0; i < requirement->count;) {
        const struct requirement_test *first = &requirement->tests[i];
        if (!requirement_term_holds(requirement, i, &i, facts)) {
            code = requirement_worse(code, requirement_denial(first->kind));
            note_step_up(first, &found);
        }
    }
    if (code != BEARER_OK && lacking != NULL) {
        *lacking = found;
    }
    return code;
}
