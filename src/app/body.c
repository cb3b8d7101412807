/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/call.h"
#include "base/text.h"
#include "json/json.h"

#define FIRST_ROOM 8192 /* octets, for a body of which nobody says how long it is */

/* What CONTENT_LENGTH says. mod_proxy_fcgi says -1 where the client sends chunks. */
static bool read_length(struct bearer_call *call)
{
    const char *text = call_param(call, "CONTENT_LENGTH");
    if (text == NULL || *text == '\0' || strcmp(text, "-1") == 0) {
        call->length_known = call->wire->read == NULL;
        return true;
    }
    if (text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    const unsigned long long length = strtoull(text, NULL, 10);
    call->length_known = true;
    call->announced = errno != 0 || length > SIZE_MAX ? SIZE_MAX : (size_t)length;
    return true;
}

/* Whether the body is of the route's media type, whatever its parameters are. */
static bool is_of_type(const struct bearer_call *call)
{
    const char *type = call_param(call, "CONTENT_TYPE");
    const char *wanted = call->route->body_type;
    if (call->typed) {
        return true;
    }
    if (type == NULL) {
        return false;
    }
    const size_t length = strcspn(type, "; \t");
    const char *rest = type + length + strspn(type + length, " \t");
    return length == strlen(wanted) && strncasecmp(type, wanted, length) == 0 &&
           (*rest == '\0' || *rest == ';') && strchr(rest, ',') == NULL;
}

/* The next octets of the body. More than it was said to have is as wrong as less. */
static ssize_t read_some(struct bearer_call *call, char *bytes, size_t size)
{
    const ssize_t n =
        call->wire->read != NULL ? call->wire->read(call->wire->context, bytes, size) : 0;
    if (n > 0) {
        call->read += (size_t)n;
    }
    if (call->length_known &&
        (n > 0 ? call->read > call->announced : call->read < call->announced)) {
        return -1;
    }
    return n;
}

static enum bearer_code read_whole(struct bearer_call *call)
{
    const size_t max = call->route->body_max;
    struct arena *arena = &call->app->arena;
    size_t size = call->length_known ? call->announced : max < FIRST_ROOM ? max : FIRST_ROOM;
    char *bytes = arena_take(arena, size + 2); /* one octet more, to see that there is none */
    size_t length = 0;
    for (ssize_t n = 1; n > 0;) {
        if (bytes == NULL) {
            return BEARER_DENIED;
        }
        if (length > size && size < max) {
            size = size < max / 2 ? 2 * size : max;
            char *grown = arena_take(arena, size + 2);
            if (grown != NULL) {
                memcpy(grown, bytes, length);
            }
            bytes = grown;
            continue;
        }
        if (length > size) {
            return call->length_known ? BEARER_BODY_CUT : BEARER_BODY_LARGE;
        }
        n = read_some(call, bytes + length, size + 1 - length);
        if (n < 0) {
            return BEARER_BODY_CUT;
        }
        length += (size_t)n;
    }
    bytes[length] = '\0';
    call->body = bytes;
    call->body_length = length;
    return BEARER_OK;
}

static enum bearer_code fault(struct text *faults, const char *type, const char *message,
                              const char *error)
{
    faults_add(faults, type, "body", NULL, message, error);
    faults_end(faults);
    return faults->failed ? BEARER_DENIED : BEARER_BAD_PARAMETERS;
}

static enum bearer_code read_json(struct bearer_call *call, struct text *faults)
{
    const char *why = NULL;
    if (call->body_length == 0) {
        return fault(faults, "missing", "Field required", NULL);
    }
    call->json = js_parse(call->body, call->body_length, &why);
    if (call->json != NULL) {
        return BEARER_OK;
    }
    return why == js_no_memory ? BEARER_DENIED
                               : fault(faults, "json_invalid", "JSON decode error", why);
}

enum bearer_code call_body(struct bearer_call *call, struct text *faults)
{
    const struct bearer_route *route = call->route;
    if (route->body == BODY_NONE) {
        return BEARER_OK;
    }
    if (!read_length(call)) {
        return BEARER_BODY_CUT;
    }
    const bool nothing = call->length_known && call->announced == 0;
    if (!is_of_type(call) && !(nothing && call_param(call, "CONTENT_TYPE") == NULL)) {
        return BEARER_BODY_TYPE;
    }
    if (call->length_known && call->announced > route->body_max) {
        return BEARER_BODY_LARGE;
    }
    if (route->body == BODY_UPLOAD) {
        return BEARER_OK;
    }
    enum bearer_code code = read_whole(call);
    if (code == BEARER_OK && route->body == BODY_JSON) {
        code = read_json(call, faults);
    } else if (code == BEARER_OK && route->body == BODY_FORM) {
        code = pairs_read(&call->app->arena, call->body, call->body_length, &call->form);
    }
    return code;
}

const char *bearer_body(struct bearer_call *call, size_t *length)
{
    if (length != NULL) {
        *length = call->body_length;
    }
    return call->body;
}

struct json_object *bearer_json(struct bearer_call *call)
{
    return call->json;
}

long bearer_read(struct bearer_call *call, void *bytes, size_t size)
{
    if (call->route->body != BODY_UPLOAD || size == 0) {
        return -1;
    }
    if (call->read == 0) {
        call_wait(call, WIRE_STREAM);
    }
    const ssize_t n = read_some(call, bytes, size < 1U << 30 ? size : 1U << 30);
    return n < 0 || call->read > call->route->body_max ? -1 : (long)n;
}
