#include "request.h"

#include <string.h>
#include <strings.h>

#include "config.h"

#define RESPONDER "RESPONDER" /* the FCGI_ROLE of a request for an answer */

enum param { METHOD, PATH_INFO, AUTHORIZATION, REDIRECTED, CLIENT, SERVER, ROLE, PARAM__MAX };

static const struct {
    const char *name;
    size_t length;
} names[PARAM__MAX] = {
    [METHOD] = {"REQUEST_METHOD", sizeof "REQUEST_METHOD" - 1},
    [PATH_INFO] = {"PATH_INFO", sizeof "PATH_INFO" - 1},
    [AUTHORIZATION] = {"HTTP_AUTHORIZATION", sizeof "HTTP_AUTHORIZATION" - 1},
    [REDIRECTED] = {"REDIRECT_HTTP_AUTHORIZATION", sizeof "REDIRECT_HTTP_AUTHORIZATION" - 1},
    [CLIENT] = {"REMOTE_ADDR", sizeof "REMOTE_ADDR" - 1},
    [SERVER] = {"SERVER_SOFTWARE", sizeof "SERVER_SOFTWARE" - 1},
    [ROLE] = {"FCGI_ROLE", sizeof "FCGI_ROLE" - 1},
};

struct found {
    const char *values[PARAM__MAX];
    unsigned times[PARAM__MAX];
    const char *unknown; /* a BEARER_ name that is none of ours */
    size_t unknown_length;
    const char *setting;
    size_t setting_length;
};

static void sort_param(const char *entry, struct found *found)
{
    const char *equals = strchr(entry, '=');
    if (equals == NULL) {
        return;
    }
    size_t length = (size_t)(equals - entry);
    for (unsigned i = 0; i < PARAM__MAX; i++) {
        if (names[i].length == length && memcmp(names[i].name, entry, length) == 0) {
            /* libfcgi puts a FCGI_ROLE of its own before the web server's: the one that is no responder's counts */
            if (found->times[i]++ == 0 || (i == ROLE && strcmp(found->values[i], RESPONDER) == 0)) {
                found->values[i] = equals + 1;
            }
            return;
        }
    }
    bool ours = config_name_is_ours(entry, length);
    if (!ours && strncmp(entry, "AUTH0_", 6) != 0) {
        return;
    }
    enum config_kind kind = config_kind(entry, length);
    if (ours && kind == CONFIG_KIND_UNKNOWN) {
        found->unknown = entry;
        found->unknown_length = length;
    } else if (kind == CONFIG_KIND_SETTING) {
        found->setting = entry;
        found->setting_length = length;
    }
}

static const char *not_empty(const char *value)
{
    return value != NULL && *value != '\0' ? value : NULL;
}

static enum bearer_code check(const struct found *found, const struct log *log)
{
    if (found->unknown != NULL) {
        char name[64];
        log_escape(name, sizeof name, found->unknown, found->unknown_length);
        const char *nearest = config_nearest(found->unknown, found->unknown_length);
        log_line(log, LOG_LEVEL_ERROR,
                 "the web server passes %s, which is not a name of this version%s%s: correct or remove it in "
                 "the server's "
                 "configuration",
                 name, nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
        return BEARER_MISCONFIGURED;
    }
    if (found->values[ROLE] != NULL && strcmp(found->values[ROLE], RESPONDER) != 0) {
        char role[64];
        log_line(log, LOG_LEVEL_ERROR,
                 "the web server asks for the FastCGI role %s; this version is a responder only",
                 log_escape(role, sizeof role, found->values[ROLE], strlen(found->values[ROLE])));
        return BEARER_MISCONFIGURED;
    }
    if (found->values[METHOD] == NULL || found->times[METHOD] > 1 || found->times[PATH_INFO] > 1) {
        log_line(log, LOG_LEVEL_WARN,
                 "a request without REQUEST_METHOD, or with it or PATH_INFO twice, was refused");
        return BEARER_BAD_REQUEST;
    }
    return BEARER_OK;
}

enum bearer_code request_read(char *const *params, const struct log *log, struct request *request)
{
    struct found found = {0};
    *request = (struct request){0};
    for (; *params != NULL; params++) {
        sort_param(*params, &found);
    }
    request->method = found.values[METHOD];
    request->path_info = found.values[PATH_INFO];
    request->client = found.values[CLIENT];
    request->server = found.values[SERVER];
    request->authorization = not_empty(found.values[AUTHORIZATION]);
    if (request->authorization == NULL) {
        request->authorization = not_empty(found.values[REDIRECTED]);
    }
    request->setting = found.setting;
    request->setting_length = found.setting_length;
    request->two_authorizations = found.times[AUTHORIZATION] > 1 || found.times[REDIRECTED] > 1;
    return check(&found, log);
}

/* After "Basic x," there may come the credentials of another header. */
static bool bearer_after_comma(const char *text)
{
    for (text = strchr(text, ','); text != NULL; text = strchr(text, ',')) {
        text++;
        text += strspn(text, " \t");
        if (strncasecmp(text, "Bearer", 6) == 0 && (text[6] == ' ' || text[6] == '\0')) {
            return true;
        }
    }
    return false;
}

enum bearer_code request_credentials(const struct request *request, const char **token, size_t *length)
{
    *token = NULL;
    *length = 0;
    const char *text = request->authorization;
    if (request->two_authorizations) {
        return BEARER_TWO_CREDENTIALS;
    }
    if (text == NULL) {
        return BEARER_NO_CREDENTIALS;
    }
    if (strncasecmp(text, "Bearer", 6) != 0 || (text[6] != ' ' && text[6] != '\0')) {
        return bearer_after_comma(text) ? BEARER_TWO_CREDENTIALS : BEARER_NO_CREDENTIALS;
    }
    text += 6;
    text += strspn(text, " ");
    if (strchr(text, ',') != NULL) {
        return BEARER_TWO_CREDENTIALS;
    }
    *token = text;
    *length = strlen(text);
    return BEARER_OK;
}
