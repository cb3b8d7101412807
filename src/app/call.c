/* SPDX-License-Identifier: MIT */
/* What a handler asks about its request. */
#include "app/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "json/json.h"
#include "policy/requirements.h"

const char *call_param(const struct bearer_call *call, const char *name)
{
    const size_t length = strlen(name);
    const char *value = NULL;
    for (char *const *param = call->exchange.params; *param != NULL; param++) {
        if (**param == *name && strncmp(*param, name, length) == 0 && (*param)[length] == '=') {
            if (value != NULL) {
                return NULL;
            }
            value = *param + length + 1;
        }
    }
    return value;
}

const char *bearer_variable(struct bearer_call *call, const char *name)
{
    return call_param(call, name);
}

const char *bearer_header(struct bearer_call *call, const char *name)
{
    char param[128] = "HTTP_";
    size_t used = strlen(param);
    if (strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0) {
        used = 0; /* RFC 3875, section 4.1: these have names of their own */
    }
    for (; *name != '\0'; name++) {
        if (used == sizeof param - 1) {
            return NULL;
        }
        param[used++] = *name == '-' ? '_' : ascii_upper(*name);
    }
    param[used] = '\0';
    return call_param(call, param);
}

/* The verified token; NULL: nobody asks. */
static const struct token *token_of(const struct bearer_call *call)
{
    const struct verdict *verdict = &call->exchange.verdict;
    return verdict->code == BEARER_OK ? verdict->token : NULL;
}

const char *bearer_claims(struct bearer_call *call, size_t *length)
{
    const struct token *token = token_of(call);
    if (length != NULL) {
        *length = token != NULL ? token->payload_length : 0;
    }
    return token != NULL ? token->payload : NULL;
}

const char *bearer_claim(struct bearer_call *call, const char *where)
{
    const struct token *token = token_of(call);
    const size_t length = strlen(where);
    char steps[CONFIG_CLAIM_MAX + 1];
    size_t used = 0;
    struct json_object *found = NULL;
    if (token == NULL || length > CONFIG_CLAIM_MAX || !js_path_read(where, length, steps, &used) ||
        js_follow(token->claims, steps, used, &found) != JS_FOUND) {
        return NULL;
    }
    size_t octets = 0;
    return js_value_scalar(found, &octets);
}

const char *bearer_sub(struct bearer_call *call)
{
    const struct token *token = token_of(call);
    return token != NULL ? js_string(token->claims, "sub", NULL) : NULL;
}

bool bearer_meets(struct bearer_call *call, const char *requirement)
{
    struct guard *guard = &call->app->guard;
    const struct token *token = token_of(call);
    struct diag diag = {0};
    const struct requirement *read = requirements_find(&guard->requirements, requirement, &diag);
    if (read == NULL) {
        bearer_log(call, "bearer_meets(): %s", diag.text);
    }
    const struct profile *profile = guard_profile(guard, &call->exchange);
    const struct requirement_facts facts = {.claims = token != NULL ? token->claims : NULL,
                                            .now = time(NULL),
                                            .leeway =
                                                profile != NULL ? profile->config->leeway : 0};
    return read != NULL && token != NULL && requirement_check(read, &facts, NULL) == BEARER_OK;
}

void *bearer_alloc(struct bearer_call *call, size_t size)
{
    return arena_take(&call->app->arena, size);
}

void bearer_log(struct bearer_call *call, const char *format, ...)
{
    char text[1024];
    char shown[1024];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length > 0) {
        log_line(&call->app->guard.log, LOG_LEVEL_WARN, "%s",
                 log_escape(shown, sizeof shown, text, strlen(text)));
    }
}
