#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64url.h"
#include "cleanup.h"
#include "json.h"
#include "transfer.h"

#define BODY_MAX 4096

/* --- challenges (RFC 9110, section 11.6.1) */

/* The end of the challenge that begins at `text`: where the next one does, or the end of all. Commas stand between challenges and between the parameters of
 * one; a challenge begins with a word and a blank, or with a word alone. */
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
            (void)snprintf(answer->other, sizeof answer->other, "%.*s", (int)(scheme < 31 ? scheme : 31),
                           text);
        }
        text = end;
    }
}

/* --- the answer's head */

static bool has_capitals(const char *line, size_t length)
{
    for (size_t i = 0; i < length && line[i] != ':'; i++) {
        if (line[i] >= 'A' && line[i] <= 'Z') {
            return true;
        }
    }
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
        answer->no_store = answer->no_store || strcasestr(text, "no-store") != NULL;
    } else if (!transfer_field(line, length, "Server", answer->server, sizeof answer->server) &&
               !transfer_field(line, length, "Content-Type", answer->type, sizeof answer->type)) {
        (void)transfer_field(line, length, "Location", answer->location, sizeof answer->location);
    }
}

/* --- and its body */

static void take_body(struct probe_answer *answer, const char *body, size_t length)
{
    const char *start = body + strspn(body, " \t\r\n");
    answer->html = strncasecmp(start, "<!doctype", 9) == 0 || strncasecmp(start, "<html", 5) == 0 ||
                   strncasecmp(start, "<?xml", 5) == 0;
    struct json_object *json CLEANUP(js_cleanup) = js_parse(body, length, NULL);
    size_t size = 0;
    const char *detail = js_string(json, "detail", &size);
    if (detail != NULL && size < sizeof answer->detail) {
        memcpy(answer->detail, detail, size + 1);
    }
    answer->public_endpoint = js_string_is(json, "status", "success") && js_type(json, "msg") == JS_STRING;
}

void probe_ask(const struct probe *probe, const char *authorization, struct probe_answer *answer)
{
    struct transfer result CLEANUP(transfer_clear) = {0};
    char *line CLEANUP(cleanup_free) = NULL;
    *answer = (struct probe_answer){0};
    if (authorization != NULL && asprintf(&line, "Authorization: %s", authorization) < 0) {
        line = NULL;
        answer->cause = CAUSE_MEMORY;
        diag_set(&answer->diag, "out of memory");
        return;
    }
    const char *const headers[] = {"Accept: application/json, */*;q=0.1", line, NULL};
    const struct transfer_request request = {.url = probe->url,
                                             .shown = probe->shown,
                                             .plain_too = true,
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
    if (answer->answered && result.body != NULL) {
        take_body(answer, result.body, result.length);
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
