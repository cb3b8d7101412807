/* SPDX-License-Identifier: MIT */
/* The answer of a handler. It is sent when it is given, whole, so that nothing has to be kept. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "app/call.h"
#include "app/cors.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "config/config.h"
#include "json/json.h"

#define AT_ONCE 4096                /* octets that nobody has to be waited for to take */
#define PIECE   ((size_t)64 * 1024) /* octets of a file, in memory at a time */

void call_wait(struct bearer_call *call, enum wire_wait wait)
{
    const struct profiles *profiles = call->app->guard.live.profiles;
    const struct config *config = profiles != NULL ? profiles->config : NULL;
    call->wire->wait(call->wire->context, wait,
                     config != NULL ? (unsigned)config->handler_seconds : 0,
                     config != NULL ? (unsigned)config->stream_seconds : 0);
}

/* Says to whom of other origins the answer is open. */
static void complete(struct bearer_call *call)
{
    struct exchange *exchange = &call->exchange;
    const struct profile *profile = guard_profile(&call->app->guard, exchange);
    if (profile != NULL && profile->config->cors_origins != NULL &&
        exchange->request.role == ROLE_RESPONDER) {
        exchange->response.token_header = config_token_header(profile->config);
        cors_complete(profile->config->cors_origins, exchange->params, &exchange->response);
    }
}

void call_send(struct bearer_call *call)
{
    complete(call);
    response_send(&call->exchange.response, call->head, &call->wire->out);
}

/* Whether a text can stand in a header: printable, and without a line end. UTF-8 may. */
static bool is_value(const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool has_body(int status)
{
    return status != 204 && status != 304;
}

/* Whether the handler may answer so, now; its log says if not. */
static bool may_answer(struct bearer_call *call, int status, const char *type)
{
    if (call->answer != ANSWER_NONE) {
        bearer_log(call, "the handler of %s %s answers twice: the first answer stands",
                   call->route->method, call->route->path);
        return false;
    }
    const bool plain = type == NULL || strcmp(type, "application/json") == 0 || is_value(type);
    if (!response_has_status((unsigned)status) || !plain) {
        bearer_log(call,
                   "the handler of %s %s answers with status %d and type %s: one of them is "
                   "none that is sent",
                   call->route->method, call->route->path, status, type != NULL ? type : "(none)");
        return false;
    }
    return true;
}

/* The head of an answer, from what the handler has said so far. */
static struct response *fill(struct bearer_call *call, int status, const char *type)
{
    struct response *response = &call->exchange.response;
    response->status = (unsigned)status;
    response->type = has_body(status) ? type : NULL;
    response->headers = call->headers;
    response->headers_length = call->headers_length;
    response->no_store = response->no_store && !call->cache_said;
    return response;
}

int bearer_reply(struct bearer_call *call, int status, const char *type, const void *bytes,
                 size_t length)
{
    if (!may_answer(call, status, type)) {
        return -1;
    }
    struct response *response = fill(call, status, type);
    response->body = type != NULL && has_body(status) ? bytes : NULL;
    response->body_length = response->body != NULL ? length : 0;
    call->answer = ANSWER_SENT;
    const bool waits = response->body_length > AT_ONCE;
    if (waits) {
        call_wait(call, WIRE_PEER);
    }
    call_send(call);
    if (waits) {
        call_wait(call, WIRE_HANDLER);
    }
    return 0;
}

int bearer_reply_json(struct bearer_call *call, int status, struct json_object *value)
{
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = value != NULL ? js_text_of_others(value, &length) : NULL;
    js_free(value);
    if (text == NULL) {
        bearer_log(call, "the handler of %s %s answers with no JSON, or memory ran out",
                   call->route->method, call->route->path);
        return -1;
    }
    return bearer_reply(call, status, "application/json", text, length);
}

int bearer_fail(struct bearer_call *call, int status, const char *text)
{
    struct text body CLEANUP(text_clear) = {0};
    text_puts(&body, "{\"detail\":");
    js_put_string(&body, text, strlen(text));
    text_puts(&body, "}");
    return body.failed ? -1
                       : bearer_reply(call, status, "application/json", body.bytes, body.length);
}

/* Headers that decide how an answer is read, or are the door's. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {
        "Status",     "Content-Length",         "Content-Type",     "Transfer-Encoding",
        "Connection", "X-Content-Type-Options", "WWW-Authenticate", "Allow",
        "Vary"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (strcasecmp(name, ours[i]) == 0) {
            return true;
        }
    }
    return strncasecmp(name, "Access-Control-", 15) == 0 || strncasecmp(name, "Variable-", 9) == 0;
}

/* RFC 9110, section 5.6.2. */
static bool is_token(const char *name)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *name != '\0' && name[strspn(name, token)] == '\0';
}

int bearer_add_header(struct bearer_call *call, const char *name, const char *value)
{
    const size_t name_length = strlen(name);
    const size_t length = strlen(value);
    const bool refused = !is_token(name) || is_ours(name) || !is_value(value);
    if (call->headers == NULL) {
        call->headers = arena_take(&call->app->arena, CALL_HEADERS_MAX);
    }
    if (refused || call->headers == NULL || call->answer != ANSWER_NONE ||
        length > CALL_HEADERS_MAX || name_length > CALL_HEADERS_MAX ||
        name_length + length + 4 > CALL_HEADERS_MAX - call->headers_length) {
        bearer_log(call, "the handler of %s %s adds the header %s, which is refused: %s",
                   call->route->method, call->route->path, name,
                   refused ? "it has a line end or another control character, or is the library's "
                             "own"
                           : "it comes after the answer, or there is no room for it");
        return -1;
    }
    char *at = call->headers + call->headers_length;
    memcpy(at, name, name_length);
    memcpy(at + name_length, ": ", 2);
    memcpy(at + name_length + 2, value, length);
    memcpy(at + name_length + 2 + length, "\r\n", 2);
    call->headers_length += name_length + length + 4;
    call->cache_said = call->cache_said || strcasecmp(name, "Cache-Control") == 0;
    return 0;
}

int bearer_begin(struct bearer_call *call, int status, const char *type)
{
    if (!may_answer(call, status, type)) {
        return -1;
    }
    struct response *response = fill(call, status, type);
    response->body = NULL;
    response->streamed = true;
    call->answer = ANSWER_BEGUN;
    call_wait(call, WIRE_STREAM);
    call_send(call);
    return call->wire->flush(call->wire->context) ? 0 : -1;
}

int bearer_write(struct bearer_call *call, const void *bytes, size_t length)
{
    if (call->answer != ANSWER_BEGUN) {
        return -1;
    }
    if (call->head || length == 0) {
        return 0;
    }
    call->wire->out.write(call->wire->out.context, bytes, length);
    return call->wire->flush(call->wire->context) ? 0 : -1;
}

/* How much there is to read from here on in a file; false: it is none, or nobody knows. */
static bool rest_of(int fd, size_t *length)
{
    struct stat file;
    const off_t at = lseek(fd, 0, SEEK_CUR);
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || at < 0) {
        return false;
    }
    *length = file.st_size > at ? (size_t)(file.st_size - at) : 0;
    return true;
}

/* Sends `length` octets of it, or all. False: it has fewer, or nobody takes them. */
static bool send_file(struct bearer_call *call, int fd, bool all, size_t length)
{
    char *piece = arena_take(&call->app->arena, PIECE);
    while (piece != NULL && (all || length > 0)) {
        const ssize_t n = read(fd, piece, all || length > PIECE ? PIECE : length);
        if (n <= 0) {
            return n == 0 && all;
        }
        call->wire->out.write(call->wire->out.context, piece, (size_t)n);
        if (!call->wire->flush(call->wire->context)) {
            return false;
        }
        length -= all ? 0 : (size_t)n;
    }
    return piece != NULL;
}

int bearer_reply_fd(struct bearer_call *call, int status, const char *type, int fd)
{
    size_t length = 0;
    const bool known = rest_of(fd, &length);
    if (!may_answer(call, status, type)) {
        return -1;
    }
    struct response *response = fill(call, status, type);
    response->body = NULL;
    response->streamed = !known;
    response->body_length = length;
    call->answer = ANSWER_SENT;
    call_wait(call, WIRE_STREAM);
    call_send(call);
    if (!call->head && has_body(status) && !send_file(call, fd, !known, length)) {
        call->answer = ANSWER_CUT;
        return -1;
    }
    call_wait(call, WIRE_HANDLER);
    return 0;
}
