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
#include "base/text.h"
#include "json/json.h"
#include "policy/requirement.h"
#include "policy/value.h"

#define NOW    1700000000
#define LEEWAY 5

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
        found = found || (*one != '\0' && strcmp(one, word) == 0);
    }
    return found;
}

static bool is_nothing(struct json_object *value)
{
    return json_object_is_type(value, json_type_string)
               ? strspn(json_object_get_string(value), " ") == strlen(json_object_get_string(value))
               : json_object_is_type(value, json_type_array) &&
                     json_object_array_length(value) == 0;
}

static bool has_scope(struct json_object *claims, const char *word)
{
    struct json_object *scope = NULL;
    struct json_object *scp = NULL;
    const bool there = json_object_object_get_ex(claims, "scope", &scope);
    if ((!there || is_nothing(scope)) && json_object_object_get_ex(claims, "scp", &scp)) {
        scope = scp;
    }
    return words_have(scope, word) || array_has(scope, word);
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

/* What a test comes to: 'T', 'F' or 'U'. */
static char truth(bool condition)
{
    return condition ? 'T' : 'F';
}

static bool is_stop(char c)
{
    return c == '/' || c == ':' || c == '@';
}

/* Pattern against text, row by row: which beginnings of the text the pattern so far can be. */
static bool is_like(const char *pattern, const char *text)
{
    const size_t length = strlen(text);
    bool *can CLEANUP(cleanup_free) = have(calloc(length + 1, sizeof *can));
    can[0] = true;
    while (*pattern != '\0') {
        const size_t stars = strspn(pattern, "*");
        for (size_t i = length; stars == 0 && i > 0; i--) {
            const bool goes_on = ((unsigned char)text[i] & 0xc0) == 0x80;
            size_t one = 1;
            while (one < i && ((unsigned char)text[i - one] & 0xc0) == 0x80) {
                one++;
            }
            can[i] = *pattern == '?' ? !goes_on && can[i - one] && !is_stop(text[i - 1])
                                     : can[i - 1] && text[i - 1] == *pattern;
        }
        can[0] = can[0] && stars > 0;
        for (size_t i = 1; stars > 0 && i <= length; i++) {
            can[i] = can[i] || (can[i - 1] && (stars > 1 || !is_stop(text[i - 1])));
        }
        pattern += stars > 0 ? stars : 1;
    }
    return can[length];
}

static char compare(struct json_object *value, char how, const char *wanted, bool *unsure)
{
    const enum json_type type = json_object_get_type(value);
    const bool is_array = type == json_type_array;
    if (how == ' ') {
        return truth(type != json_type_null &&
                     !(type == json_type_boolean && !json_object_get_boolean(value)));
    }
    if (how == '~' && type == json_type_string) {
        return truth(is_like(wanted, json_object_get_string(value)));
    }
    if (type == json_type_object || (how == '~' && !is_array)) {
        return 'U';
    }
    char found = 'F';
    for (size_t i = 0; i < (is_array ? json_object_array_length(value) : 1); i++) {
        struct json_object *one = is_array ? json_object_array_get_idx(value, i) : value;
        if (how == '~' && !json_object_is_type(one, json_type_string)) {
            found = found == 'T' ? 'T' : 'U';
        } else if (how == '~' ? is_like(wanted, json_object_get_string(one))
                              : is_value(one, wanted, unsure)) {
            found = 'T';
        }
    }
    return found;
}

/* The value a name leads to: 'T', or what there is instead. */
static char find(struct json_object *claims, char *name, struct json_object **value)
{
    *value = claims;
    if (*name != '/') {
        return truth(json_object_object_get_ex(claims, name, value));
    }
    char *rest = name + 1;
    for (char *step = strsep(&rest, "/"); step != NULL; step = strsep(&rest, "/")) {
        char *out = step;
        for (const char *at = step; *at != '\0'; at++) {
            *out++ = *at == '~' ? (*++at == '0' ? '~' : '/') : *at;
        }
        *out = '\0';
        if (json_object_is_type(*value, json_type_object)) {
            if (!json_object_object_get_ex(*value, step, value)) {
                return 'F';
            }
            continue;
        }
        const size_t digits = strspn(step, "0123456789");
        if (!json_object_is_type(*value, json_type_array) || digits == 0 || step[digits] != '\0' ||
            (*step == '0' && digits > 1)) {
            return 'U';
        }
        const size_t count = json_object_array_length(*value);
        if (digits > 9 || strtoul(step, NULL, 10) >= count) {
            return 'F';
        }
        *value = json_object_array_get_idx(*value, strtoul(step, NULL, 10));
    }
    return 'T';
}

static bool has_groups_elsewhere(struct json_object *claims, const char *name)
{
    const bool groups = strcmp(name, "groups") == 0 || strcmp(name, "/groups") == 0 ||
                        strncmp(name, "/groups/", 8) == 0;
    return groups && !json_object_object_get_ex(claims, "groups", NULL) &&
           (json_object_object_get_ex(claims, "_claim_names", NULL) ||
            json_object_object_get_ex(claims, "hasgroups", NULL));
}

/* Takes what is quoted, or what stands before one of `ends`, off *at; copied to `out`. */
static void take(const char **at, const char *ends, char *out)
{
    if (**at != '\'') {
        const size_t length = strcspn(*at, ends);
        memcpy(out, *at, length);
        out[length] = '\0';
        *at += length;
        return;
    }
    for ((*at)++; **at != '\'' || (*at)[1] == '\''; (*at)++) {
        *at += **at == '\'' ? 1 : 0;
        *out++ = **at;
    }
    *out = '\0';
    (*at)++;
}

/* What stands behind "claim:". */
static char claim_truth(const char **at, struct json_object *claims, bool *unsure)
{
    char name[REQUIREMENT_LENGTH_MAX + 1];
    char wanted[REQUIREMENT_LENGTH_MAX + 1] = "";
    char how = ' ';
    struct json_object *value = NULL;
    const bool quoted = **at == '\'';
    take(at, "= |", name);
    if (quoted && **at == '~') {
        how = *(*at)++;
    } else if (!quoted && **at == '=' && name[strlen(name) - 1] == '~') {
        name[strlen(name) - 1] = '\0';
        how = '~';
    }
    if (**at == '=') {
        (*at)++;
        how = how == ' ' ? '=' : how;
        take(at, " |", wanted);
    }
    if (has_groups_elsewhere(claims, name)) {
        return 'U';
    }
    const char found = find(claims, name, &value);
    return found == 'T' ? compare(value, how, wanted, unsure) : found;
}

static bool is_in(struct json_object *claims, const char *name, const char *word, bool arrays)
{
    struct json_object *value = get(claims, name);
    return (json_object_is_type(value, json_type_string) &&
            strcmp(json_object_get_string(value), word) == 0) ||
           (arrays && array_has(value, word));
}

/* auth_time as whole seconds; what is written otherwise is for test_numeric_date. */
static bool is_recent(struct json_object *claims, const char *word, bool *unsure)
{
    struct json_object *value = get(claims, "auth_time");
    if (!json_object_is_type(value, json_type_int)) {
        *unsure = *unsure || json_object_is_type(value, json_type_double);
        return false;
    }
    const int64_t when = json_object_get_int64(value);
    return when > 0 && when <= NOW + LEEWAY && NOW - when <= strtol(word, NULL, 10) + LEEWAY;
}

/* Whether it holds, and in *denial how it is denied: 1, 2, 3 for 401, 403, step-up. */
static bool alternative_holds(const char **at, struct json_object *claims, int *denial,
                              bool *unsure)
{
    char kind[REQUIREMENT_LENGTH_MAX + 1];
    char word[REQUIREMENT_LENGTH_MAX + 1] = "";
    const bool negated = **at == '!';
    *at += negated ? 1 : 0;
    *denial = 2;
    if (strncmp(*at, "claim:", 6) == 0) {
        *at += 6;
        return claim_truth(at, claims, unsure) == (negated ? 'F' : 'T');
    }
    take(at, "= |", kind);
    if (**at != '=') {
        must_hold(strcmp(kind, "valid-token") == 0 || strcmp(kind, "optional") == 0, "a word");
        return true;
    }
    (*at)++;
    take(at, " |", word);
    if (strcmp(kind, "scope") == 0) {
        return has_scope(claims, word);
    }
    if (strcmp(kind, "permission") == 0) {
        return array_has(get(claims, "permissions"), word);
    }
    if (strcmp(kind, "either") == 0) {
        return has_scope(claims, word) || array_has(get(claims, "permissions"), word);
    }
    *denial = strcmp(kind, "acr") == 0 || strcmp(kind, "max-age") == 0 ? 3 : 1;
    return strcmp(kind, "audience") == 0 ? is_in(claims, "aud", word, true)
           : strcmp(kind, "issuer") == 0 ? is_in(claims, "iss", word, false)
           : strcmp(kind, "acr") == 0    ? is_in(claims, "acr", word, false)
                                         : is_recent(claims, word, unsure);
}

/* `text` is in the grammar. */
static enum bearer_code opinion(const char *text, struct json_object *claims, bool *unsure)
{
    static const enum bearer_code codes[] = {BEARER_OK, BEARER_NOT_MEANT, BEARER_NOT_GRANTED,
                                             BEARER_STEP_UP};
    int worst = 0;
    for (const char *at = text + strspn(text, " "); *at != '\0'; at += strspn(at, " ")) {
        bool any = false;
        int denial = 0;
        for (;;) {
            any = alternative_holds(&at, claims, &denial, unsure) || any;
            if (*at != '|') {
                break;
            }
            at++;
        }
        worst = any || (worst != 0 && worst < denial) ? worst : denial;
    }
    return codes[worst];
}

/* ---- The parts as text again ---- */

static void render(const struct requirement *requirement, struct text *out)
{
    static const char *const words[REQUIRE__MAX] = {[REQUIRE_VALID_TOKEN] = "valid-token",
                                                    [REQUIRE_OPTIONAL] = "optional",
                                                    [REQUIRE_SCOPE] = "scope=",
                                                    [REQUIRE_PERMISSION] = "permission=",
                                                    [REQUIRE_EITHER] = "either=",
                                                    [REQUIRE_CLAIM] = "claim:",
                                                    [REQUIRE_AUDIENCE] = "audience=",
                                                    [REQUIRE_ISSUER] = "issuer=",
                                                    [REQUIRE_ACR] = "acr=",
                                                    [REQUIRE_MAX_AGE] = "max-age="};
    static const char *const signs[] = {
        [COMPARE_PRESENT] = "", [COMPARE_EQUAL] = "=", [COMPARE_GLOB] = "~="};
    for (size_t i = 0; i < requirement->count; i++) {
        const struct requirement_test *test = &requirement->tests[i];
        char seconds[24];
        must_hold(test->kind > REQUIRE_NEVER && test->kind < REQUIRE__MAX, "a kind");
        text_puts(out, i == 0 ? "" : test->alternative ? "|" : " ");
        text_puts(out, test->negated ? "!" : "");
        text_puts(out, words[test->kind]);
        if (test->kind == REQUIRE_CLAIM) {
            value_write_name(out, test->steps, test->steps_used);
        }
        text_puts(out, signs[test->compare]);
        if (test->kind == REQUIRE_MAX_AGE) {
            (void)snprintf(seconds, sizeof seconds, "%lld", (long long)test->seconds);
            text_puts(out, seconds);
        } else if (test->value != NULL) {
            value_write(out, test->value, test->value_length);
        }
    }
    must_hold(!out->failed && out->bytes != NULL, "memory");
}

static void check_again(const char *text, const struct requirement *requirement)
{
    struct text first CLEANUP(text_clear) = {0};
    struct text second CLEANUP(text_clear) = {0};
    struct requirement again;
    render(requirement, &first);
    if (first.length > REQUIREMENT_LENGTH_MAX) {
        return; /* quotes that need not be there make it longer than is read */
    }
    must_hold(requirement_parse(first.bytes, &again, NULL), "its parts are in the grammar: %s",
              text);
    render(&again, &second);
    must_hold(strcmp(first.bytes, second.bytes) == 0, "and the same again");
    must_hold(again.optional == requirement->optional, "for the same people");
}

/* What is told to a client. */
static void check_told(const struct requirement *requirement, enum bearer_code code,
                       const struct lacking *lacking)
{
    char scopes[64] = "";
    struct response response = {0};
    const struct verdict verdict = {.location = requirement, .lacking = *lacking};
    (void)requirement_add_scopes(requirement, scopes, sizeof scopes);
    must_hold(strlen(scopes) < sizeof scopes && (scopes[0] == '\0' || is_message(scopes)) &&
                  strpbrk(scopes, "\"\\") == NULL,
              "scopes for a header");
    response_deny(&response, code, "api", &verdict);
    must_hold(response.status == bearer_outcome(code)->status && is_message(response.challenge) &&
                  is_message(response.detail),
              "an answer for a client");
    must_hold(strlen(response.detail) == response.body_length, "a whole body");
    struct json_object *body = js_parse(response.body, response.body_length, NULL);
    must_hold(body != NULL && js_string(body, "detail", NULL) != NULL, "JSON: %s", response.body);
    js_free(body);
}

static void judge(const char *text, struct json_object *claims, struct json_object *theirs)
{
    struct requirement requirement;
    struct diag diag = {""};
    struct lacking lacking = {0};
    bool unsure = false;
    const struct requirement_facts facts = {.claims = claims, .now = NOW, .leeway = LEEWAY};
    const bool good = requirement_parse(text, &requirement, &diag);
    const enum bearer_code code = requirement_check(&requirement, &facts, &lacking);
    must_hold(code == BEARER_OK || code == BEARER_NOT_MEANT || code == BEARER_NOT_GRANTED ||
                  code == BEARER_STEP_UP,
              "an answer");
    check_told(&requirement, code == BEARER_OK ? BEARER_NO_CREDENTIALS : code, &lacking);
    if (!good) {
        must_hold(code == BEARER_NOT_GRANTED && requirement.count == 0 && !requirement.optional &&
                      is_message(diag.text),
                  "nothing meets it");
        return;
    }
    must_hold(requirement.count > 0, "something is required");
    check_again(text, &requirement);
    const enum bearer_code wanted = opinion(text, theirs, &unsure);
    must_hold(unsure || wanted == code, "as the other opinion says: %s, not %s",
              bearer_outcome(wanted)->reason, bearer_outcome(code)->reason);
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
