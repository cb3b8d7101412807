/* SPDX-License-Identifier: MIT */
#include "guard/denied.h"

#include <stdio.h>
#include <string.h>

/* Characters of an escaped requirement: all of one that is allowed. */
#define NEED_MAX (4 * REQUIREMENT_LENGTH_MAX + 4)

/* How loud a denial is. What the role deny shows was logged when the guard was asked, and who
 * counts the lines would count it twice; what Apache looks up for itself was nobody's request. */
static enum log_level level_of(const struct bearer_outcome *outcome, const struct request *request)
{
    if (request_is_lookup(request) || (request->role == ROLE_DENY && outcome->status < 500)) {
        return LOG_LEVEL_DEBUG;
    }
    return LOG_LEVEL_WARN;
}

/* The path that the client asked for, where the server says it as it was; never the query, in which
 * people put tokens. */
static const char *path_of(const struct request *request, size_t *length)
{
    const char *path = request->uri != NULL ? request->uri : request->path_info;
    path = path != NULL ? path : "";
    *length = strcspn(path, "?#");
    return path;
}

/* The whole text of what the request had to meet: both have to hold, as terms of one text do. */
static const char *need_of(char *out, size_t size, const struct denied *denied)
{
    const char *location = denied->location != NULL ? denied->location : "";
    const char *route = denied->route != NULL ? denied->route : "";
    (void)snprintf(out, size, "%s%s%s", location, *location != '\0' && *route != '\0' ? " " : "",
                   route);
    return out;
}

void denied_log(struct denials *denials, const struct log *log, const struct denied *denied,
                int64_t now)
{
    const struct bearer_outcome *outcome = bearer_outcome(denied->code);
    const struct request *request = denied->request;
    const enum log_level level = level_of(outcome, request);
    denials_tell(denials, log, now);
    now = log->level >= LOG_LEVEL_DEBUG ? 0 : now; /* who wants every detail gets every line */
    if (level > log->level ||
        !denials_admit(denials, denied->code, request->client, request->id, now)) {
        return;
    }
    char needs[2 * REQUIREMENT_LENGTH_MAX + 2];
    const char *need = need_of(needs, sizeof needs, denied);
    const char *client =
        request->client != NULL && *request->client != '\0' ? request->client : "-";
    const char *method = request->method != NULL ? request->method : "";
    size_t lengths[3];
    const char *path = path_of(request, &lengths[0]);
    const char *subject = token_subject(denied->token, &lengths[1]);
    const char *party = token_client(denied->token, &lengths[2]);
    const struct log_field fields[] = {
        {"status", NULL, 0, outcome->status, true, 0},
        {"reason", outcome->reason, strlen(outcome->reason), 0, true, 64},
        {"client", client, strcspn(client, " \t"), 0, true, 80},
        {"kid", denied->token->kid, denied->token->kid_length, 0, false, 128},
        {"method", method, strlen(method), 0, false, 64},
        {"path", path, lengths[0], 0, false, 1024},
        {"sub", subject, lengths[1], 0, false, 512},
        {"client_id", party, lengths[2], 0, false, 512},
        {"profile", denied->profile, strlen(denied->profile), 0, false, 64},
        {"need", need, strlen(need), 0, false, NEED_MAX},
    };
    log_fields(log, level, "denied", fields, sizeof fields / sizeof fields[0]);
}
