/* SPDX-License-Identifier: MIT */
#include "ctl/fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/fetch/transfer.h"

#define AGE_MAX 2147483648LL /* RFC 9111, section 1.2.2 */

static void take_header(void *context, const char *line, size_t length)
{
    struct fetch_response *response = context;
    char text[64];
    if (transfer_field(line, length, "ETag", response->etag, sizeof response->etag) ||
        transfer_field(line, length, "Last-Modified", response->last_modified,
                       sizeof response->last_modified)) {
        return;
    }
    if (transfer_field(line, length, "Date", text, sizeof text) && text[0] != '\0') {
        response->date = transfer_date(text);
    } else if (transfer_field(line, length, "Age", text, sizeof text)) {
        long long age = strtoll(text, NULL, 10);
        response->age = age > 0 && age < AGE_MAX ? age : 0;
    }
}

/* What is sent with the request. */
struct headers {
    char lines[2][512];
    /* NULL-terminated */
    const char *list[4];
    size_t count;
};

static bool add_header(struct headers *headers, const char *name, const char *value)
{
    if (value == NULL || *value == '\0') {
        return true;
    }
    char *line = headers->lines[headers->count];
    int n = snprintf(line, sizeof headers->lines[0], "%s: %s", name, value);
    headers->list[headers->count++] = line;
    return n > 0 && (size_t)n < sizeof headers->lines[0];
}

/* What an answer means. */
static enum fetch_result judge(const struct fetch_request *request, struct fetch_response *response,
                               long status, struct diag *diag)
{
    bool conditional = request->etag != NULL || request->last_modified != NULL;
    if (status == 304 && conditional) {
        return FETCH_NOT_MODIFIED;
    }
    if (status != 200) {
        bool redirect = status >= 300 && status < 400 && status != 304;
        response->cause = redirect                         ? CAUSE_REDIRECT
                          : status == 401 || status == 403 ? CAUSE_CLOSED
                          : status >= 400 && status < 500  ? CAUSE_NOT_FOUND
                                                           : CAUSE_STATUS;
        diag_set(diag, "%s: the server answered %ld%s", request->url, status,
                 redirect ? " (redirects are not followed: name the final URL)" : "");
        return FETCH_FAILED;
    }
    if (response->body == NULL) {
        response->cause = CAUSE_NOT_JSON;
        diag_set(diag, "%s: the answer is empty", request->url);
        return FETCH_FAILED;
    }
    return FETCH_OK;
}

enum fetch_result fetch(const struct fetch_request *request, struct fetch_response *response,
                        struct diag *diag)
{
    struct headers headers = {0};
    struct transfer answer CLEANUP(transfer_clear) = {0};
    *response = (struct fetch_response){.date = -1};
    if (!add_header(&headers, "If-None-Match", request->etag) ||
        !add_header(&headers, "If-Modified-Since", request->last_modified)) {
        diag_set(diag, "%s: the validators of the last answer are too long", request->url);
        return FETCH_FAILED;
    }
    headers.list[headers.count] = "Accept: application/json, application/jwk-set+json";
    const struct transfer_request wanted = {.url = request->url,
                                            .ca_file = request->ca_file,
                                            .ca_owner = request->ca_owner,
                                            .proxy = request->proxy,
                                            .headers = headers.list,
                                            .body_max = FETCH_BODY_MAX,
                                            .header = take_header,
                                            .context = response};
    bool answered = transfer(&wanted, &answer, diag);
    if (response->date >= 0) {
        response->date += response->age;
    }
    if (!answered) {
        response->cause = answer.cause;
        return FETCH_FAILED;
    }
    response->length = answer.body.length;
    response->body = steal(&answer.body.bytes);
    return judge(request, response, answer.status, diag);
}

void fetch_clear(struct fetch_response *response)
{
    free(response->body);
    response->body = NULL;
    response->length = 0;
}
