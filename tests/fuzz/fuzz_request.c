/* SPDX-License-Identifier: MIT */
/* The params of one request, through the whole service:
 *
 *     one NAME=value a line; @T is a good token, @X an expired, @F a forged one
 *
 * What must hold: exactly one well-formed answer; claims, or an authorizer's yes, only for who
 * shows the good token once, with a requirement that is met, or where none is asked for and the
 * location is optional; no yes beside a header that could be read as one of ours; nothing raw in
 * header or log, and no token in a log. */
#include "site.h"

#include <ctype.h>
#include <time.h>

#include "guard/request.h"
#include "policy/requirement.h"

#define PARAMS_MAX 64

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    site_make();
    return 0;
}

/* How often a param of this name is there; *value is the first's. */
static unsigned times(char *const *params, const char *name, const char **value)
{
    unsigned count = 0;
    size_t length = strlen(name);
    *value = NULL;
    for (; *params != NULL; params++) {
        if (strncmp(*params, name, length) == 0 && (*params)[length] == '=') {
            *value = count++ == 0 ? *params + length + 1 : *value;
        }
    }
    return count;
}

static bool has_param(char *const *params, const char *param)
{
    for (; *params != NULL; params++) {
        if (strcmp(*params, param) == 0) {
            return true;
        }
    }
    return false;
}

static bool knows_all(char *const *params)
{
    for (; *params != NULL; params++) {
        size_t length = strcspn(*params, "=");
        if ((*params)[length] == '=' && strncasecmp(*params, "BEARER_", 7) == 0 &&
            config_kind(*params, length) == CONFIG_KIND_UNKNOWN) {
            return false;
        }
    }
    return true;
}

/* Whether a program that makes "_" of all but letters and digits reads one of these as what a guard
 * says. */
static bool has_forged(char *const *params)
{
    for (; *params != NULL; params++) {
        char name[17] = "";
        size_t length = strcspn(*params, "=");
        for (size_t i = 0; i < length && i < sizeof name - 1 && (*params)[length] == '='; i++) {
            unsigned char c = (unsigned char)(*params)[i];
            name[i] = (char)(c < 0x80 && isalnum(c) ? toupper(c) : '_');
        }
        if (memcmp(name, "HTTP_BEARER_", 12) == 0 ||
            (length == 16 && memcmp(name, "HTTP_REMOTE_USER", 16) == 0) ||
            strcmp(name, "HTTP_AUTH_TYPE") == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the good token meets this requirement. */
static bool is_met(const char *text)
{
    struct requirement requirement;
    struct json_object *claims = have(js_parse(SITE_PAYLOAD, strlen(SITE_PAYLOAD), NULL));
    const struct requirement_facts facts = {.claims = claims, .now = time(NULL)};
    bool met = requirement_parse(text, &requirement, NULL) &&
               requirement_check(&requirement, &facts, NULL) == BEARER_OK;
    js_free(claims);
    return met;
}

/* What has to be there for a yes to somebody. */
static void check_somebody(char *const *params, bool authorizer)
{
    const char *first = NULL;
    const char *redirected = NULL;
    const char *value = NULL;
    must_hold(times(params, "HTTP_AUTHORIZATION", &first) <= 1 &&
                  times(params, "REDIRECT_HTTP_AUTHORIZATION", &redirected) <= 1,
              "credentials once");
    must_hold(shows(first != NULL && *first != '\0' ? first : redirected, good), "the good token");
    must_hold(times(params, "BEARER_REQUIRE", &value) <= 1, "policy once");
    must_hold(authorizer ? value != NULL && is_met(value) : value == NULL || is_met(value),
              "policy is met");
}

/* Whether one of the words is optional, and no part of what is quoted. */
static bool says_optional(const char *text)
{
    bool quoted = false;
    bool begins = true;
    for (; *text != '\0'; text++) {
        if (!quoted && begins && strncmp(text, "optional", 8) == 0 &&
            (text[8] == ' ' || text[8] == '\0')) {
            return true;
        }
        quoted = *text == '\'' ? !quoted : quoted;
        begins = *text == ' ';
    }
    return false;
}

static void check_nobody(char *const *params)
{
    const char *first = NULL;
    const char *redirected = NULL;
    const char *value = NULL;
    must_hold(times(params, "HTTP_AUTHORIZATION", &first) <= 1 &&
                  times(params, "REDIRECT_HTTP_AUTHORIZATION", &redirected) <= 1,
              "two credentials are not none");
    must_hold(times(params, "BEARER_REQUIRE", &value) == 1 && says_optional(value), "optional");
    const char *shown = first != NULL && *first != '\0' ? first : redirected;
    must_hold(shown == NULL || strncasecmp(shown, "Bearer", 6) != 0 ||
                  (shown[6] != ' ' && shown[6] != '\0'),
              "bad credentials are not none");
    must_hold(shown == NULL || strstr(shown, ", Bearer ") == NULL,
              "two credentials in one are not none");
}

static void check_answer(char *const *params, const struct answer *answer)
{
    const char *value = NULL;
    bool authorizer =
        has_param(params, "FCGI_ROLE=AUTHORIZER") || has_param(params, "BEARER_ROLE=authorizer");
    bool head = times(params, "REQUEST_METHOD", &value) > 0 && strcmp(value, "HEAD") == 0;
    must_hold(!answer->named ||
                  (times(params, "HTTP_ORIGIN", &value) == 1 && strcmp(value, ORIGIN) == 0),
              "a page of that origin asked");
    if (answer->status != 200 && answer->status != 204) {
        return;
    }
    must_hold(times(params, "REQUEST_METHOD", &value) == 1 &&
                  times(params, "PATH_INFO", &value) <= 1,
              "a method and a path");
    must_hold(knows_all(params), "no name of ours that we do not know");
    must_hold(!has_param(params, "BEARER_ROLE=deny"), "the role deny never allows");
    must_hold(!authorizer || !has_forged(params), "no header that could be read as ours");
    must_hold(answer->variables == 0 || authorizer, "variables are an authorizer's");
    must_hold(!authorizer || answer->variables != 0, "an authorizer never acts as responder");
    must_hold(head || answer->status == 204 || answer->variables > 0 ||
                  answer->body_length == answer->announced,
              "a body");
    if (answer->variables > 0 && !answer->somebody) {
        check_nobody(params);
    } else if (is_private(answer) || answer->somebody ||
               (head && value != NULL && strncmp(value, "/private", 8) == 0)) {
        check_somebody(params, authorizer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct piece rest = {(const char *)data, size};
    char *params[PARAMS_MAX + 1] = {NULL};
    for (size_t count = 0; rest.length > 0 && count < PARAMS_MAX; count++) {
        params[count] = expanded(take_until(&rest, '\n'));
    }
    answered.length = 0;
    logged.length = 0;
    app_answer(&site, params, &site_wire);
    struct answer answer = read_answer(answered.bytes, answered.length);
    check_answer(params, &answer);
    check_log();
    for (size_t i = 0; params[i] != NULL; i++) {
        free(params[i]);
    }
    return 0;
}
