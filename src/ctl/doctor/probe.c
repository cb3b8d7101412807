/* SPDX-License-Identifier: MIT */
#include "ctl/doctor/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "ctl/fetch/transfer.h"
#include "jose/base64url.h"
#include "json/json.h"

#define BODY_MAX 4096

/* --- challenges (RFC 9110, section 11.6.1) */

/* The end of the challenge that begins at `text`: where the next one does, or the end of all.
 * Commas stand between challenges and between the parameters of one; a challenge begins with a word
 * and a blank, or with a word alone. */
static const char *challenge_end(const char *text)
{
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (*text == '\\' && quoted && text[1] != '\0') {
            text++;
        } else if (*text == '"') {
            quoted = !quoted;
        } else if (*text == ',' && !quoted) {
            const char *next = text + 1 + strspn(text + 1, " \t,");
            const char *after = next + strcspn(next, " \t=,");
            if (after > next && after[strspn(after, " \t")] != '=') {
                return text;
            }
        }
    }
    return text;
}

static void take_challenges(struct probe_answer *answer, const char *text)
{
    while (*(text += strspn(text, " \t,")) != '\0') {
        const char *end = challenge_end(text);
        size_t scheme = strcspn(text, " \t,");
        size_t length = (size_t)(end - text);
        if (scheme == strlen("Bearer") && strncasecmp(text, "Bearer", scheme) == 0) {
            answer->bearers++;
            if (answer->bearers == 1) {
                (void)snprintf(answer->bearer, sizeof answer->bearer, "%.*s", (int)length, text);
            }
        } else if (answer->other[0] == '\0') {
            (void)snprintf(answer->other, sizeof answer->other, "%.*s",
                           (int)(scheme < 31 ? scheme : 31), text);
        }
        text = end;
    }
}

/* --- the answer's head */

static bool has_capitals(const char *line, size_t length)
{
    for (size_t i = 0; i < length && line[i] != ':'; i++) {
        if (ascii_is_upper(line[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a comma-separated list of directives has this one, with or without a value. */
static bool has_directive(const char *list, const char *name)
{
    size_t length = strlen(name);
    while (*(list += strspn(list, " \t,")) != '\0') {
        if (strncasecmp(list, name, length) == 0 && strchr(" \t,=", list[length]) != NULL) {
            return true;
        }
        list += strcspn(list, ",");
    }
    return false;
}

static bool begins(const char *line, size_t length, const char *name)
{
    return length > strlen(name) && strncasecmp(line, name, strlen(name)) == 0;
}

/* What a cache and a program behind say of themselves. False: the field is none of theirs. */
static bool take_hints(struct probe_answer *answer, const char *line, size_t length)
{
    static const char *const inner[] = {"X-Accel-Redirect", "X-Sendfile", "X-Sendfile2",
                                        "X-LIGHTTPD-send-file"};
    static const char *const caches[] = {"X-Cache", "X-Cache-Status", "CF-Cache-Status",
                                         "Cache-Status"};
    char text[1024];
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        if (transfer_field(line, length, inner[i], text, sizeof text)) {
            (void)snprintf(answer->inner, sizeof answer->inner, "%s", inner[i]);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++) {
        if (transfer_field(line, length, caches[i], text, sizeof text)) {
            answer->cached = answer->cached || strcasestr(text, "hit") != NULL;
            return true;
        }
    }
    if (transfer_field(line, length, "Age", text, sizeof text)) {
        answer->cached = answer->cached || strspn(text, "0") != strlen(text);
        return true;
    }
    answer->claims = answer->claims || begins(line, length, "Variable-");
    return false;
}

static void take_header(void *context, const char *line, size_t length)
{
    struct probe_answer *answer = context;
    char text[1024];
    if (length > 5 && strncmp(line, "HTTP/", 5) == 0) { /* what came before was an interim answer */
        *answer = (struct probe_answer){.small_letters = true};
        return;
    }
    answer->small_letters = answer->small_letters && !has_capitals(line, length);
    if (transfer_field(line, length, "WWW-Authenticate", text, sizeof text)) {
        take_challenges(answer, text);
    } else if (transfer_field(line, length, "X-Content-Type-Options", text, sizeof text)) {
        answer->nosniff = strcasecmp(text, "nosniff") == 0;
    } else if (transfer_field(line, length, "Cache-Control", text, sizeof text)) {
        answer->no_store = answer->no_store || has_directive(text, "no-store");
        answer->is_private = answer->is_private || has_directive(text, "private");
        answer->is_public =
            answer->is_public || has_directive(text, "public") || has_directive(text, "s-maxage");
    } else if (!take_hints(answer, line, length) &&
               !transfer_field(line, length, "Server", answer->server, sizeof answer->server) &&
               !transfer_field(line, length, "Content-Type", answer->type, sizeof answer->type)) {
        (void)transfer_field(line, length, "Location", answer->location, sizeof answer->location);
    }
}

/* --- and its body */

static void take_body(struct probe_answer *answer, const char *body, size_t length)
{
    const char *start = body + strspn(body, " \t\r\n");
    answer->length = length;
    answer->print = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < length; i++) {
        answer->print = (answer->print ^ (unsigned char)body[i]) * UINT64_C(0x100000001b3);
    }
    answer->html = strncasecmp(start, "<!doctype", 9) == 0 || strncasecmp(start, "<html", 5) == 0 ||
                   strncasecmp(start, "<?xml", 5) == 0;
    struct json_object *json CLEANUP(js_cleanup) = js_parse(body, length, NULL);
    size_t size = 0;
    const char *detail = js_string(json, "detail", &size);
    if (detail != NULL && size < sizeof answer->detail) {
        memcpy(answer->detail, detail, size + 1);
    }
    answer->public_endpoint =
        js_string_is(json, "status", "success") && js_type(json, "msg") == JS_STRING;
}

/* The field, or NULL and *failed. */
static char *authorization_line(const struct probe *probe, const char *value, bool *failed)
{
    char *line = NULL;
    const char *name = probe->token_header != NULL ? probe->token_header : "Authorization";
    if (value != NULL && asprintf(&line, "%s: %s", name, value) < 0) {
        *failed = true;
        return NULL;
    }
    return line;
}

void probe_ask(const struct probe *probe, const struct probe_request *asked,
               struct probe_answer *answer)
{
    struct transfer result CLEANUP(transfer_clear) = {0};
    bool failed = false;
    char *line CLEANUP(cleanup_free) = authorization_line(probe, asked->authorization, &failed);
    const bool head = asked->method != NULL && strcmp(asked->method, "HEAD") == 0;
    const char *headers[5] = {"Accept: application/json, */*;q=0.1"};
    size_t count = 1;
    *answer = (struct probe_answer){0};
    if (failed) {
        answer->cause = CAUSE_MEMORY;
        diag_set(&answer->diag, "out of memory");
        return;
    }
    if (line != NULL) {
        headers[count++] = line;
    }
    if (asked->header != NULL) {
        headers[count++] = asked->header;
    }
    if (asked->method != NULL && !head) {
        headers[count++] = "Content-Length: 0"; /* some servers insist on it, and curl says none */
    }
    const struct transfer_request request = {.url = asked->url != NULL ? asked->url : probe->url,
                                             .shown = probe->shown,
                                             .plain_too = true,
                                             .method = asked->method,
                                             .as_is = true,
                                             .ca_file = probe->ca_file,
                                             .ca_owner = probe->ca_owner,
                                             .proxy = probe->proxy,
                                             .headers = headers,
                                             .body_max = BODY_MAX,
                                             .part = true,
                                             .header = take_header,
                                             .context = answer};
    struct diag diag = {0};
    answer->answered = transfer(&request, &result, &diag);
    answer->status = result.status;
    answer->cause = result.cause;
    answer->diag = diag;
    if (answer->answered && result.body.bytes != NULL) {
        take_body(answer, result.body.bytes, result.body.length);
    }
}

/* --- what is asked with */

static void encode(char **to, const char *text)
{
    base64url_encode((const unsigned char *)text, strlen(text), *to);
    *to += strlen(*to);
}

char *probe_made_up(const char *alg, size_t length)
{
    static const char bearer[] = "Bearer ";
    static const char claims[] =
        "{\"iss\":\"https://made-up.invalid/\",\"sub\":\"made up by bearerctl doctor\"}";
    char header[100];
    char *out = malloc(sizeof bearer + length);
    if (out == NULL || length < 300) {
        free(out);
        return NULL;
    }
    (void)snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"at+jwt\"}", alg);
    memcpy(out, bearer, sizeof bearer);
    char *token = out + sizeof bearer - 1;
    char *end = token;
    encode(&end, header);
    *end++ = '.';
    encode(&end, claims);
    *end++ = '.';
    size_t left = length - (size_t)(end - token);
    left -= left % 4 == 1 ? 1 : 0; /* so many characters encode nothing */
    memset(end, 'A', left);
    end[left] = '\0';
    return out;
}
