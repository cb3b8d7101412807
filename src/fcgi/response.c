#include "response.h"

#include <stdarg.h>
#include <stdio.h>

#include "challenge.h"

static const char *phrase(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

void response_json(struct response *response, const char *body, size_t length)
{
    response->status = 200;
    response->body = body;
    response->body_length = length;
}

void response_deny(struct response *response, enum bearer_code code, const char *realm, const char *scope)
{
    const struct bearer_outcome *outcome = bearer_outcome(code == BEARER_OK ? BEARER_DENIED : code);
    bool lacks_scope = code == BEARER_SCOPE_MISSING && scope != NULL;
    response->status = outcome->status;
    response->no_store = true;
    challenge_write(response->challenge, sizeof response->challenge, code, realm, scope);
    int n = snprintf(response->detail, sizeof response->detail, "{\"detail\":\"%s%s%s\"}",
                     lacks_scope ? "Required scope: " : "", lacks_scope ? scope : "",
                     lacks_scope ? "" : outcome->text);
    if (n < 0 || (size_t)n >= sizeof response->detail) {
        n = 0;
    }
    response->body = response->detail;
    response->body_length = (size_t)n;
}

/* The head of the answer, built in one piece. What does not fit marks it as failed, and then it is not sent. */
struct head {
    char text[2048];
    size_t used;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(struct head *head, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(head->text + head->used, sizeof head->text - head->used, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof head->text - head->used) {
        head->failed = true;
    } else {
        head->used += (size_t)n;
    }
}

void response_send(const struct response *response, bool head_only, const struct sink *sink)
{
    struct head head = {0};
    unsigned status = response->status != 0 ? response->status : 500;
    add(&head, "Status: %u %s\r\n", status, phrase(status));
    if (response->challenge[0] != '\0') {
        add(&head, "WWW-Authenticate: %s\r\n", response->challenge);
    }
    if (response->allow != NULL) {
        add(&head, "Allow: %s\r\n", response->allow);
    }
    if (response->retry_after != 0) {
        add(&head, "Retry-After: %u\r\n", response->retry_after);
    }
    if (response->no_store) {
        add(&head, "Cache-Control: no-store\r\n");
    }
    if (response->body != NULL) {
        add(&head, "Content-Type: application/json\r\n");
    }
    add(&head, "X-Content-Type-Options: nosniff\r\n");
    if (status != 204) { /* RFC 9110, section 8.6: a 204 has no Content-Length */
        add(&head, "Content-Length: %zu\r\n", response->body_length);
    }
    add(&head, "\r\n");
    if (head.failed) {
        static const char broken[] = "Status: 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
        sink->write(sink->context, broken, sizeof broken - 1);
        return;
    }
    sink->write(sink->context, head.text, head.used);
    if (!head_only && response->body_length > 0) {
        sink->write(sink->context, response->body, response->body_length);
    }
}
