/* SPDX-License-Identifier: MIT */
#include "lib/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "json/json.h"
#include "policy/requirement.h"

#define FIELDS_MAX 16

struct field {
    const char *name, *value;
};

struct bearer_verdict {
    int status;
    const char *reason;
    /* what the others are borrowed from */
    struct text text;
    const char *body;
    size_t body_length;
    struct field fields[FIELDS_MAX];
    size_t field_count;
    /* somebody is let in: the text is what the token says */
    bool token;
    /* the same, once it was asked for */
    struct json_object *claims;
    int64_t now, leeway;
    struct log log;
};

/* That of a NULL: there is no memory for one. */
static const struct bearer_verdict none = {.status = 500,
                                           .reason = "internal",
                                           .body = "{\"detail\":\"Internal server error\"}",
                                           .body_length =
                                               sizeof "{\"detail\":\"Internal server error\"}" - 1,
                                           .fields = {{"Cache-Control", "no-store"},
                                                      {"Content-Type", "application/json"},
                                                      {"X-Content-Type-Options", "nosniff"}},
                                           .field_count = 3};

static const struct bearer_verdict *seen(const struct bearer_verdict *verdict)
{
    return verdict != NULL ? verdict : &none;
}

static void verdict_cleanup(struct bearer_verdict **verdict)
{
    bearer_verdict_free(*verdict);
}

struct bearer_verdict *verdict_yes(const struct token *token, int64_t now, int64_t leeway,
                                   const struct log *log)
{
    struct bearer_verdict *verdict CLEANUP(verdict_cleanup) = calloc(1, sizeof *verdict);
    if (verdict == NULL) {
        return NULL;
    }
    verdict->status = 200;
    verdict->reason = bearer_outcome(BEARER_OK)->reason;
    verdict->body = "";
    verdict->token = token != NULL;
    verdict->now = now;
    verdict->leeway = leeway;
    verdict->log = *log;
    if (token != NULL) {
        text_put(&verdict->text, token->payload, token->payload_length);
    }
    return verdict->text.failed ? NULL : steal(&verdict);
}

static void keep(void *context, const char *bytes, size_t length)
{
    text_put(context, bytes, length);
}

/* Status and length are told in another way. */
static bool is_told_apart(const char *name)
{
    return strcmp(name, "Status") == 0 || strcmp(name, "Content-Length") == 0;
}

/* Takes the answer apart: "Name: value" lines, an empty one, the body. */
static void read_answer(struct bearer_verdict *verdict)
{
    char *at = verdict->text.bytes;
    for (char *end = strstr(at, "\r\n"); end != NULL && end != at; end = strstr(at, "\r\n")) {
        char *colon = strstr(at, ": ");
        *end = '\0';
        if (colon != NULL && colon < end) {
            *colon = '\0';
            if (strcmp(at, "Status") == 0) {
                verdict->status = (int)strtol(colon + 2, NULL, 10);
            }
            if (!is_told_apart(at) && verdict->field_count < FIELDS_MAX) {
                verdict->fields[verdict->field_count++] = (struct field){at, colon + 2};
            }
        }
        at = end + 2;
    }
    at += strncmp(at, "\r\n", 2) == 0 ? 2 : 0;
    verdict->body = at;
    verdict->body_length = strlen(at);
}

struct bearer_verdict *verdict_no(enum bearer_code code, const struct response *response)
{
    struct bearer_verdict *verdict CLEANUP(verdict_cleanup) = calloc(1, sizeof *verdict);
    if (verdict == NULL) {
        return NULL;
    }
    const struct sink sink = {keep, &verdict->text};
    response_send(response, false, &sink);
    if (verdict->text.failed) {
        return NULL;
    }
    verdict->status = none.status;
    verdict->reason = bearer_outcome(code)->reason;
    read_answer(verdict);
    return steal(&verdict);
}

int bearer_verdict_status(const struct bearer_verdict *verdict)
{
    return seen(verdict)->status;
}

const char *bearer_verdict_reason(const struct bearer_verdict *verdict)
{
    return seen(verdict)->reason;
}

const char *bearer_verdict_body(const struct bearer_verdict *verdict, size_t *length)
{
    if (length != NULL) {
        *length = seen(verdict)->body_length;
    }
    return seen(verdict)->body;
}

bool bearer_verdict_header(const struct bearer_verdict *verdict, size_t index, const char **name,
                           const char **value)
{
    if (index >= seen(verdict)->field_count) {
        return false;
    }
    *name = seen(verdict)->fields[index].name;
    *value = seen(verdict)->fields[index].value;
    return true;
}

const char *bearer_verdict_claims(const struct bearer_verdict *verdict, size_t *length)
{
    const bool token = verdict != NULL && verdict->token;
    if (length != NULL) {
        *length = token ? verdict->text.length : 0;
    }
    return token ? verdict->text.bytes : NULL;
}

/* NULL: no token, or no memory. */
static struct json_object *claims_of(struct bearer_verdict *verdict)
{
    if (verdict == NULL || !verdict->token) {
        return NULL;
    }
    if (verdict->claims == NULL) {
        verdict->claims = js_parse(verdict->text.bytes, verdict->text.length, NULL);
    }
    return verdict->claims;
}

const char *bearer_verdict_claim(struct bearer_verdict *verdict, const char *pointer)
{
    struct json_object *claims = claims_of(verdict);
    struct json_object *value = NULL;
    size_t length = strlen(pointer);
    size_t used = 0;
    char *steps CLEANUP(cleanup_free) = claims != NULL ? malloc(length + 1) : NULL;
    return steps != NULL && js_path_read(pointer, length, steps, &used) &&
                   js_follow(claims, steps, used, &value) == JS_FOUND
               ? js_value_scalar(value, &length)
               : NULL;
}

bool bearer_verdict_meets(struct bearer_verdict *verdict, const char *requirement)
{
    struct requirement parsed;
    struct diag diag = {0};
    struct json_object *claims = claims_of(verdict);
    if (claims == NULL) {
        return false;
    }
    if (!requirement_parse(requirement, &parsed, &diag)) {
        log_line(&verdict->log, LOG_LEVEL_ERROR, "bearer_verdict_meets(): %s", diag.text);
        return false;
    }
    const struct requirement_facts facts = {
        .claims = claims, .now = verdict->now, .leeway = verdict->leeway};
    return requirement_check(&parsed, &facts, NULL) == BEARER_OK;
}

void bearer_verdict_free(struct bearer_verdict *verdict)
{
    if (verdict == NULL) {
        return;
    }
    js_free(verdict->claims);
    text_clear(&verdict->text);
    free(verdict);
}
