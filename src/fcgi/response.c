#include "response.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void response_deny(struct response *response, enum bearer_code code, const char *realm,
                   const struct requirement *lacking)
{
    const struct bearer_outcome *outcome = bearer_outcome(code == BEARER_OK ? BEARER_DENIED : code);
    const size_t size = sizeof response->detail;
    char scopes[512] = "";
    int n = -1;
    response->status = outcome->status;
    response->no_store = true;
    if (code == BEARER_NOT_GRANTED && lacking != NULL) {
        requirement_scopes(lacking, scopes, sizeof scopes);
        n = snprintf(response->detail, size, "{\"detail\":\"Required: %s\"}", lacking->text);
    }
    if (n < 0 || (size_t)n >= size) { /* nothing more to say, or too long */
        n = snprintf(response->detail, size, "{\"detail\":\"%s\"}", outcome->text);
    }
    challenge_write(response->challenge, sizeof response->challenge, code, realm,
                    *scopes != '\0' ? scopes : NULL);
    response->body = response->detail;
    response->body_length = n > 0 && (size_t)n < size ? (size_t)n : 0;
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

static void compose(const struct response *response, struct head *head)
{
    *head = (struct head){0};
    add(head, "Status: %u %s\r\n", response->status, phrase(response->status));
    if (response->challenge[0] != '\0') {
        add(head, "WWW-Authenticate: %s\r\n", response->challenge);
    }
    if (response->allow != NULL) {
        add(head, "Allow: %s\r\n", response->allow);
    }
    if (response->retry_after != 0) {
        add(head, "Retry-After: %u\r\n", response->retry_after);
    }
    if (response->no_store) {
        add(head, "Cache-Control: no-store\r\n");
    }
    if (response->body != NULL) {
        add(head, "Content-Type: application/json\r\n");
    }
    add(head, "X-Content-Type-Options: nosniff\r\n");
    if (response->status != 204) { /* RFC 9110, section 8.6: a 204 has no Content-Length */
        add(head, "Content-Length: %zu\r\n", response->body_length);
    }
    add(head, "\r\n");
}

void response_send(const struct response *response, bool head_only, const struct sink *sink)
{
    struct response broken = {0};
    struct head head = {.failed = true};
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
        response_deny(&broken, BEARER_DENIED, NULL, NULL);
        response = &broken;
        compose(response, &head);
    }
    sink->write(sink->context, head.text, head.used);
    if (!head_only && response->body_length > 0) {
        sink->write(sink->context, response->body, response->body_length);
    }
}
