/* SPDX-License-Identifier: MIT */
/* A requirement, and claims to judge by it:
 *
 *     REQUIREMENT \n CLAIMS
 *
 * What must hold: what is not in the grammar requires what nothing meets; the parts of what is make
 * the same requirement again; and claims meet it iff they do in an opinion made of the text itself
 * and json-c alone. */
#include "fuzz.h"

#include <json-c/json.h>

#include "answer/response.h"
#include "base/cleanup.h"
#include "json/json.h"
#include "policy/requirement.h"

/* ---- The other opinion: words of the text, members of json-c's. ---- */

static struct json_object *get(struct json_object *claims, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(claims, name, &value);
    return value;
}

static bool array_has(struct json_object *array, const char *word)
{
    bool found = false;
    if (!json_object_is_type(array, json_type_array)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        struct json_object *one = json_object_array_get_idx(array, i);
        if (!json_object_is_type(one, json_type_string)) {
            return false;
        }
        found = found || strcmp(json_object_get_string(one), word) == 0;
    }
    return found;
}

static bool words_have(struct json_object *value, const char *word)
{
    if (!json_object_is_type(value, json_type_string)) {
        return false;
    }
    char *copy CLEANUP(cleanup_free) = have(strdup(json_object_get_string(value)));
    bool found = false;
    char *rest = copy;
    for (char *one = strsep(&rest, " "); one != NULL; one = strsep(&rest, " ")) {
        found = found || strcmp(one, word) == 0;
    }
    return found;
}

static bool has_scope(struct json_object *claims, const char *word)
{
    struct json_object *scope = NULL;
    if (json_object_object_get_ex(claims, "scope", &scope)) {
        return words_have(scope, word);
    }
    return words_have(get(claims, "scp"), word) || array_has(get(claims, "scp"), word);
}

/* A value that is compared as it was written. json-c forgets that of -0 and of an integer beyond 64
 * bits. */
static bool is_value(struct json_object *value, const char *text, bool *unsure)
{
    switch (json_object_get_type(value)) {
    case json_type_string:
        return strcmp(json_object_get_string(value), text) == 0;
    case json_type_boolean:
        return strcmp(json_object_get_boolean(value) ? "true" : "false", text) == 0;
    case json_type_int:
    case json_type_double: {
        const char *number = json_object_to_json_string(value);
        long double x = strtold(number, NULL);
        *unsure = *unsure || x == 0.0L || x > 9e18L || x < -9e18L;
        return strcmp(number, text) == 0;
    }
    case json_type_null:
    case json_type_array:
    case json_type_object:
        break;
    }
    return false;
}

static bool has_claim(struct json_object *claims, char *name_and_value, bool *unsure)
{
    char *equals = strrchr(name_and_value, '=');
    must_hold(equals != NULL && equals != name_and_value && equals[1] != '\0',
              "a claim is NAME=VALUE");
    *equals = '\0';
    struct json_object *value = get(claims, name_and_value);
    if (!json_object_is_type(value, json_type_array)) {
        return is_value(value, equals + 1, unsure);
    }
    bool found = false;
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        found = is_value(json_object_array_get_idx(value, i), equals + 1, unsure) || found;
    }
    return found;
}

static bool alternative_holds(char *text, struct json_object *claims, bool *unsure)
{
    if (strcmp(text, "valid-token") == 0) {
        return true;
    }
    char *rest = text;
    if (strncmp(text, "claim:", 6) == 0) {
        return has_claim(claims, text + 6, unsure);
    }
    const char *kind = strsep(&rest, "=");
    must_hold(rest != NULL && *rest != '\0', "a term has a name");
    if (strcmp(kind, "scope") == 0) {
        return has_scope(claims, rest);
    }
    if (strcmp(kind, "permission") == 0) {
        return array_has(get(claims, "permissions"), rest);
    }
    must_hold(strcmp(kind, "either") == 0, "a term we know");
    return has_scope(claims, rest) || array_has(get(claims, "permissions"), rest);
}

/* `text` is in the grammar, and not "optional". */
static bool opinion(const char *text, struct json_object *claims, bool *unsure)
{
    char *copy CLEANUP(cleanup_free) = have(strdup(text));
    bool all = true;
    char *terms = copy;
    for (char *term = strsep(&terms, " "); term != NULL; term = strsep(&terms, " ")) {
        bool any = *term == '\0';
        char *alternatives = *term != '\0' ? term : NULL;
        for (char *one = strsep(&alternatives, "|"); one != NULL;
             one = strsep(&alternatives, "|")) {
            any = alternative_holds(one, claims, unsure) || any;
        }
        all = all && any;
    }
    return all;
}

/* ---- The parts as text again ---- */

static void render(const struct requirement *requirement, char *out, size_t size)
{
    static const char *const prefixes[] = {[REQUIRE_VALID_TOKEN] = "valid-token",
                                           [REQUIRE_SCOPE] = "scope=",
                                           [REQUIRE_PERMISSION] = "permission=",
                                           [REQUIRE_EITHER] = "either=",
                                           [REQUIRE_CLAIM] = "claim:"};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < requirement->count; i++) {
        const struct requirement_test *test = &requirement->tests[i];
        must_hold(test->kind > REQUIRE_NEVER && test->kind <= REQUIRE_CLAIM, "a kind");
        used += (size_t)snprintf(out + used, size - used, "%s%s%.*s%s%.*s",
                                 i == 0              ? ""
                                 : test->alternative ? "|"
                                                     : " ",
                                 prefixes[test->kind], (int)test->name_length,
                                 test->name != NULL ? test->name : "",
                                 test->kind == REQUIRE_CLAIM ? "=" : "", (int)test->value_length,
                                 test->value != NULL ? test->value : "");
        must_hold(used < size, "room for the text again");
    }
}

static void check_again(const char *text, const struct requirement *requirement)
{
    char again_text[REQUIREMENT_LENGTH_MAX + 1];
    char third_text[REQUIREMENT_LENGTH_MAX + 1];
    struct requirement again;
    render(requirement, again_text, sizeof again_text);
    must_hold(requirement_parse(again_text, &again, NULL), "its parts are in the grammar: %s",
              text);
    render(&again, third_text, sizeof third_text);
    must_hold(strcmp(again_text, third_text) == 0, "and the same again");
}

/* What is told to a client. */
static void check_told(const struct requirement *requirement)
{
    char scopes[64];
    struct response response = {0};
    requirement_scopes(requirement, scopes, sizeof scopes);
    must_hold(strlen(scopes) < sizeof scopes && (scopes[0] == '\0' || is_message(scopes)) &&
                  strpbrk(scopes, "\"\\") == NULL,
              "scopes for a header");
    response_deny(&response, BEARER_NOT_GRANTED, "api", requirement);
    must_hold(response.status == 403 && is_message(response.challenge) &&
                  is_message(response.detail),
              "an answer for a client");
    struct json_object *body = js_parse(response.body, response.body_length, NULL);
    must_hold(body != NULL && js_string(body, "detail", NULL) != NULL, "JSON: %s", response.body);
    js_free(body);
}

static void judge(const char *text, struct json_object *claims, struct json_object *theirs)
{
    struct requirement requirement;
    struct diag diag = {""};
    bool unsure = false;
    bool good = requirement_parse(text, &requirement, &diag);
    enum bearer_code code = requirement_check(&requirement, claims);
    must_hold(code == BEARER_OK || code == BEARER_NOT_GRANTED, "an answer");
    check_told(&requirement);
    if (!good) {
        must_hold(code != BEARER_OK && requirement.count == 0 && is_message(diag.text),
                  "nothing meets it");
    } else if (requirement.optional) {
        must_hold(strcmp(text, "optional") == 0 && requirement.count == 0, "optional stands alone");
    } else {
        must_hold(requirement.count > 0, "something is required");
        check_again(text, &requirement);
        bool wanted = opinion(text, theirs, &unsure);
        must_hold(unsure || wanted == (code == BEARER_OK), "as the other opinion says: %d",
                  (int)wanted);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct piece rest = {(const char *)data, size};
    char *text = string_copy(take_until(&rest, '\n'));
    struct json_object *claims = js_parse(rest.text, rest.length, NULL);
    if (claims == NULL) { /* claims of a verified token are strict JSON */
        rest = (struct piece){"{}", 2};
        claims = have(js_parse(rest.text, rest.length, NULL));
    }
    struct json_tokener *tokener = have(json_tokener_new_ex(JS_DEPTH_MAX + 1));
    struct json_object *theirs = have(json_tokener_parse_ex(tokener, rest.text, (int)rest.length));
    json_tokener_free(tokener);
    judge(text, claims, theirs);
    json_object_put(theirs);
    js_free(claims);
    free(text);
    return 0;
}
