/* SPDX-License-Identifier: MIT */
#include "answer/response.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "answer/challenge.h"
#include "base/utf8.h"

/* What may be answered (RFC 9110, section 15; RFC 4918, 6585 and 7725). */
static const struct {
    unsigned status;
    const char *line;
} statuses[] = {
    {200, "200 OK"},
    {201, "201 Created"},
    {202, "202 Accepted"},
    {203, "203 Non-Authoritative Information"},
    {204, "204 No Content"},
    {206, "206 Partial Content"},
    {207, "207 Multi-Status"},
    {300, "300 Multiple Choices"},
    {301, "301 Moved Permanently"},
    {302, "302 Found"},
    {303, "303 See Other"},
    {304, "304 Not Modified"},
    {307, "307 Temporary Redirect"},
    {308, "308 Permanent Redirect"},
    {400, "400 Bad Request"},
    {401, "401 Unauthorized"},
    {402, "402 Payment Required"},
    {403, "403 Forbidden"},
    {404, "404 Not Found"},
    {405, "405 Method Not Allowed"},
    {406, "406 Not Acceptable"},
    {408, "408 Request Timeout"},
    {409, "409 Conflict"},
    {410, "410 Gone"},
    {411, "411 Length Required"},
    {412, "412 Precondition Failed"},
    {413, "413 Content Too Large"},
    {414, "414 URI Too Long"},
    {415, "415 Unsupported Media Type"},
    {416, "416 Range Not Satisfiable"},
    {417, "417 Expectation Failed"},
    {421, "421 Misdirected Request"},
    {422, "422 Unprocessable Content"},
    {423, "423 Locked"},
    {424, "424 Failed Dependency"},
    {426, "426 Upgrade Required"},
    {428, "428 Precondition Required"},
    {429, "429 Too Many Requests"},
    {431, "431 Request Header Fields Too Large"},
    {451, "451 Unavailable For Legal Reasons"},
    {500, "500 Internal Server Error"},
    {501, "501 Not Implemented"},
    {502, "502 Bad Gateway"},
    {503, "503 Service Unavailable"},
    {504, "504 Gateway Timeout"},
    {507, "507 Insufficient Storage"},
};

/* NULL: there is none. */
static const char *find_status(unsigned status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status) {
            return statuses[i].line;
        }
    }
    return NULL;
}

/* A status that is none of these is an error of ours. */
static const char *status_line(unsigned status)
{
    const char *line = find_status(status);
    return line != NULL ? line : "500 Internal Server Error";
}

bool response_has_status(unsigned status)
{
    return find_status(status) != NULL;
}

void response_begin(struct response *response)
{
    memset(response, 0, offsetof(struct response, challenge));
    response->challenge[0] = '\0';
    response->detail[0] = '\0';
}

void response_json(struct response *response, const char *body, size_t length)
{
    response->status = 200;
    response->body = body;
    response->body_length = length;
}

void response_page(struct response *response, const char *page, size_t length, const char *policy)
{
    response_json(response, page, length);
    response->policy = policy;
}

/* One character of a text in JSON, in ASCII. Returns its octets. */
static size_t json_character(char *out, size_t size, uint32_t point)
{
    const bool escaped = point == '"' || point == '\\';
    int n = 0;
    if (point >= 0x10000) {
        n = snprintf(out, size, "\\u%04x\\u%04x", 0xd800U + ((unsigned)(point - 0x10000) >> 10),
                     0xdc00U + ((unsigned)(point - 0x10000) & 0x3ffU));
    } else if (point < 0x20 || point > 0x7e) {
        n = snprintf(out, size, "\\u%04x", (unsigned)point);
    } else {
        n = snprintf(out, size, "%s%c", escaped ? "\\" : "", (int)point);
    }
    return n < 0 ? 0 : (size_t)n;
}

/* {"detail":"WHAT"}, in ASCII. False: it does not fit, or is no UTF-8. */
static bool write_detail(struct response *response, const char *before, const char *what)
{
    static const char end[] = "\"}";
    const size_t size = sizeof response->detail;
    const char *stop = what + strlen(what);
    const int n = snprintf(response->detail, size, "{\"detail\":\"%s", before);
    size_t used = n < 0 ? size : (size_t)n;
    while (what < stop) {
        uint32_t point = 0;
        char character[16];
        const size_t octets = utf8_character(what, stop, &point);
        const size_t written = json_character(character, sizeof character, point);
        if (octets == 0 || used + written + sizeof end > size) {
            return false;
        }
        memcpy(response->detail + used, character, written);
        used += written;
        what += octets;
    }
    if (used + sizeof end > size) {
        return false;
    }
    memcpy(response->detail + used, end, sizeof end);
    response->body_length = used + sizeof end - 1;
    return true;
}

/* What the challenge names of what is required (RFC 6750, section 3; RFC 9470, section 3). */
static void write_challenge(struct response *response, enum bearer_code code, const char *realm,
                            const struct verdict *verdict)
{
    char scopes[512] = "";
    char acr_values[128] = "";
    char max_age[24] = "";
    const struct lacking *lacking = &verdict->lacking;
    const struct challenge_names names = {scopes, acr_values, max_age};
    if (verdict->location == NULL ||
        requirement_add_scopes(verdict->location, scopes, sizeof scopes)) {
        (void)(verdict->route != NULL &&
               requirement_add_scopes(verdict->route, scopes, sizeof scopes));
    }
    if (lacking->acr != NULL) {
        requirement_acr_values(lacking->requirement, lacking->acr, acr_values, sizeof acr_values);
    }
    if (lacking->max_age != NULL) {
        (void)snprintf(max_age, sizeof max_age, "%" PRId64, lacking->max_age->seconds);
    }
    challenge_write(response->challenge, sizeof response->challenge, code, realm, &names);
}

void response_deny(struct response *response, enum bearer_code code, const char *realm,
                   const struct verdict *verdict)
{
    static const struct verdict nothing;
    const struct bearer_outcome *outcome = bearer_outcome(code == BEARER_OK ? BEARER_DENIED : code);
    verdict = verdict != NULL ? verdict : &nothing;
    response->status = outcome->status;
    response->no_store = true;
    response->body_length = 0;
    if ((code != BEARER_NOT_GRANTED || verdict->lacking.requirement == NULL ||
         !write_detail(response, "Required: ", verdict->lacking.requirement->text)) &&
        !write_detail(response, "", outcome->text)) { /* nothing more to say, or too long */
        response->detail[0] = '\0';
    }
    response->body = response->detail;
    write_challenge(response, code, realm, verdict);
}

/* The head of the answer, built in one piece. What does not fit marks it as failed, and then it is
 * not sent. */
struct head {
    char text[2048];
    size_t used;
    bool failed;
};

static void add_octets(struct head *head, const char *text, size_t length)
{
    if (length > sizeof head->text - head->used) {
        head->failed = true;
        return;
    }
    memcpy(head->text + head->used, text, length);
    head->used += length;
}

static inline void add(struct head *head, const char *text)
{
    add_octets(head, text, strlen(text)); /* of a constant, known when compiled */
}

/* `name` with its colon. */
static inline void add_field(struct head *head, const char *name, const char *value)
{
    add(head, name);
    add(head, value);
    add(head, "\r\n");
}

static inline void add_number(struct head *head, const char *name, size_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    *--at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add_field(head, name, at);
}

static void add_cors(struct head *head, const struct response *response)
{
    if (*response->cors_origin != '\0') {
        add_field(head, "Access-Control-Allow-Origin: ", response->cors_origin);
        add_field(head, "Access-Control-Expose-Headers: ", "WWW-Authenticate, Retry-After");
    }
    if (response->preflight && response->allow != NULL) {
        add_field(head, "Access-Control-Allow-Methods: ", response->allow);
        add(head, "Access-Control-Allow-Headers: ");
        add(head, response->token_header != NULL ? response->token_header : "Authorization");
        add_field(head, ", ", "Content-Type");
        add_field(head, "Access-Control-Max-Age: ", "600");
    }
    if (*response->cors_origin != '*') {
        add_field(head, "Vary: ", "Origin");
    }
}

static void compose(const struct response *response, struct head *head)
{
    head->used = 0;
    head->failed = false;
    add_field(head, "Status: ", status_line(response->status));
    if (response->challenge[0] != '\0') {
        add_field(head, "WWW-Authenticate: ", response->challenge);
    }
    if (response->allow != NULL) {
        add_field(head, "Allow: ", response->allow);
    }
    if (response->retry_after != 0) {
        add_number(head, "Retry-After: ", response->retry_after);
    }
    if (response->no_store) {
        add_field(head, "Cache-Control: ", "no-store");
    }
    if (response->policy != NULL) {
        add_field(head, "Content-Type: ", "text/html; charset=utf-8");
        add_field(head, "Content-Security-Policy: ", response->policy);
    } else if (response->type != NULL) {
        add_field(head, "Content-Type: ", response->type);
    } else if (response->body != NULL) {
        add_field(head, "Content-Type: ", "application/json");
    }
    add_field(head, "X-Content-Type-Options: ", "nosniff");
    if (response->cors_origin != NULL) {
        add_cors(head, response);
    }
    /* RFC 9110, section 8.6: a 204 has no Content-Length, and a 304 that of another answer. */
    if (response->status != 204 && response->status != 304 && !response->streamed) {
        add_number(head, "Content-Length: ", response->body_length);
    }
    add(head, "\r\n");
}

static void send_whole(const struct response *response, const struct head *head, bool head_only,
                       const struct sink *sink)
{
    if (response->headers_length > 0) { /* HAProxy makes a 302 of a Location behind the Status */
        sink->write(sink->context, response->headers, response->headers_length);
    }
    sink->write(sink->context, head->text, head->used);
    if (!head_only && response->body != NULL && response->body_length > 0) {
        sink->write(sink->context, response->body, response->body_length);
    }
}

void response_send(const struct response *response, bool head_only, const struct sink *sink)
{
    struct head head;
    head.failed = true;
    if (response->status == 200 && response->variables != NULL) {
        static const char yes[] = "Status: 200 OK\r\n";
        sink->write(sink->context, yes, sizeof yes - 1);
        sink->write(sink->context, response->variables, strlen(response->variables));
        sink->write(sink->context, "\r\n", 2);
        return;
    }
    if (response->status != 0) {
        compose(response, &head);
    }
    if (head.failed) { /* never set, or what does not fit: nothing of it is sent */
        struct response broken = {.cors_origin = response->cors_origin};
        response_deny(&broken, BEARER_DENIED, NULL, NULL);
        compose(&broken, &head);
        send_whole(&broken, &head, head_only, sink);
        return;
    }
    send_whole(response, &head, head_only, sink);
}
