/* SPDX-License-Identifier: MIT */
#include "guard/request.h"

#include <string.h>

#include "base/ascii.h"
#include "config/config.h"

enum param {
    METHOD,
    PATH_INFO,
    URI,
    ID,
    AUTHORIZATION,
    REDIRECTED,
    CLIENT,
    SERVER,
    PROTOCOL,
    ROLE,
    REQUIRE,
    REDIRECTED_REQUIRE,
    PROFILE,
    REDIRECTED_PROFILE,
    KEPT_PROFILE,
    FCGI,
    APACHE,
    EXP,
    PARAM__MAX
};

struct found {
    const char *values[PARAM__MAX];
    unsigned times[PARAM__MAX];
    /* a BEARER_ name that is none of ours */
    const char *unknown;
    size_t unknown_length;
    const char *setting;
    size_t setting_length;
    const char *forged;
    size_t forged_length;
};

/* Which of ours a name is; PARAM__MAX: none. Every request brings some twenty, and most are told by
 * their length. */
static enum param param_of(const char *name, size_t length)
{
#define IS(text, param) (memcmp(name, text, sizeof text - 1) == 0 ? (param) : PARAM__MAX)
    switch (length) {
    case sizeof "PATH_INFO" - 1:
        return name[0] == 'P' ? IS("PATH_INFO", PATH_INFO) : IS("FCGI_ROLE", FCGI);
    case sizeof "BEARER_EXP" - 1:
        return IS("BEARER_EXP", EXP);
    case sizeof "REMOTE_ADDR" - 1: /* and REQUEST_URI, BEARER_ROLE */
        return name[0] == 'B'   ? IS("BEARER_ROLE", ROLE)
               : name[2] == 'M' ? IS("REMOTE_ADDR", CLIENT)
                                : IS("REQUEST_URI", URI);
    case sizeof "REQUEST_METHOD" - 1:
        return name[0] == 'R'   ? IS("REQUEST_METHOD", METHOD)
               : name[7] == 'P' ? IS("BEARER_PROFILE", PROFILE)
                                : IS("BEARER_REQUIRE", REQUIRE);
    case sizeof "SERVER_SOFTWARE" - 1:
        return name[7] == 'S' ? IS("SERVER_SOFTWARE", SERVER) : IS("SERVER_PROTOCOL", PROTOCOL);
    case sizeof "FCGI_APACHE_ROLE" - 1:
        return IS("FCGI_APACHE_ROLE", APACHE);
    case sizeof "BEARER_REQUEST_ID" - 1:
        return IS("BEARER_REQUEST_ID", ID);
    case sizeof "BEARER_PROFILE_KEPT" - 1:
        return IS("BEARER_PROFILE_KEPT", KEPT_PROFILE);
    case sizeof "HTTP_AUTHORIZATION" - 1:
        return IS("HTTP_AUTHORIZATION", AUTHORIZATION);
    case sizeof "REDIRECT_BEARER_REQUIRE" - 1:
        return name[16] == 'P' ? IS("REDIRECT_BEARER_PROFILE", REDIRECTED_PROFILE)
                               : IS("REDIRECT_BEARER_REQUIRE", REDIRECTED_REQUIRE);
    case sizeof "REDIRECT_HTTP_AUTHORIZATION" - 1:
        return IS("REDIRECT_HTTP_AUTHORIZATION", REDIRECTED);
    default:
        return PARAM__MAX;
    }
#undef IS
}

/* Whether a name begins with `text`, which is in upper case, as programs read the names of headers:
 * most make "_" of whatever is no letter and no digit, and servers hand on every octet that may
 * stand in one (RFC 9110, section 5.6.2). */
static bool folds_to(const char *name, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = ascii_upper(name[i]);
        if (!ascii_is_upper(c) && !(c >= '0' && c <= '9')) {
            c = '_';
        }
        if (c != text[i]) {
            return false;
        }
    }
    return true;
}

/* Whether a program could take this header of a client's for what a guard says about the token:
 * "Bearer-" and anything, also what is no name of ours yet. The sixth octet tells most others
 * apart. */
static bool forges(const char *name, size_t length)
{
#define IS(text) (length == sizeof(text) - 1 && folds_to(name, text, length))
    static const char claims[] = "HTTP_BEARER_";
    switch (length < sizeof claims - 1 ? '\0' : name[5]) {
    case 'B':
    case 'b':
        return folds_to(name, claims, sizeof claims - 1);
    case 'R':
    case 'r':
        return IS("HTTP_REMOTE_USER");
    case 'A':
    case 'a':
        return IS("HTTP_AUTH_TYPE");
    default:
        return false;
    }
#undef IS
}

static void sort_param(const char *entry, struct found *found)
{
    const char *equals = strchr(entry, '=');
    if (equals == NULL) {
        return;
    }
    size_t length = (size_t)(equals - entry);
    enum param param = param_of(entry, length);
    if (param != PARAM__MAX) {
        /* libfcgi puts a FCGI_ROLE of its own before the web server's: the one that is no
         * responder's counts */
        if (found->times[param]++ == 0 ||
            (param == FCGI && strcmp(found->values[param], "RESPONDER") == 0)) {
            found->values[param] = equals + 1;
        }
        return;
    }
    if (*entry == 'H' || *entry == 'h') {
        if (forges(entry, length)) {
            found->forged = entry;
            found->forged_length = length;
        }
        return;
    }
    bool ours = config_name_is_ours(entry, length);
    if (!ours && (*entry != 'A' || strncmp(entry, "AUTH0_", 6) != 0)) {
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

/* The strictest of what the process, FCGI_ROLE and BEARER_ROLE say. */
static enum bearer_code read_role(const struct found *found, enum config_role role,
                                  const struct log *log, struct request *request)
{
    enum config_role said = ROLE_RESPONDER;
    const char *fcgi = found->values[FCGI];
    const char *ours = found->values[ROLE];
    char shown[64];
    request->role = role;
    if (fcgi != NULL && strcmp(fcgi, "AUTHORIZER") == 0) {
        said = ROLE_AUTHORIZER;
    } else if (fcgi != NULL && strcmp(fcgi, "RESPONDER") != 0) {
        log_line(log, LOG_LEVEL_ERROR,
                 "the web server asks for the FastCGI role \"%s\"; this program has the roles "
                 "RESPONDER and AUTHORIZER",
                 log_escape(shown, sizeof shown, fcgi, strlen(fcgi)));
        return BEARER_MISCONFIGURED;
    }
    request->role = said > request->role ? said : request->role;
    if (ours != NULL && (found->times[ROLE] > 1 || config_role_parse(ours, &said) != 0)) {
        log_line(
            log, LOG_LEVEL_ERROR,
            "the web server passes BEARER_ROLE \"%s\"%s; pass one of auto, authorizer, deny, once",
            log_escape(shown, sizeof shown, ours, strlen(ours)),
            found->times[ROLE] > 1 ? " and another" : "");
        return BEARER_MISCONFIGURED;
    }
    request->role = said > request->role ? said : request->role;
    return BEARER_OK;
}

/* What the location says of profiles. Where Apache asks again in one request, for an index or an
 * include, BEARER_PROFILE is what the answer before has told the guarded program: one of them, or
 * nothing. */
static const char *read_profile(const struct found *found, enum config_role role)
{
    if (found->values[APACHE] != NULL && found->values[EXP] != NULL) {
        return not_empty(found->values[KEPT_PROFILE]);
    }
    if (found->values[PROFILE] == NULL && role == ROLE_DENY) {
        return not_empty(found->values[REDIRECTED_PROFILE]);
    }
    return found->values[PROFILE];
}

static enum bearer_code check(const struct found *found, const struct log *log)
{
    if (found->unknown != NULL) {
        char name[64];
        log_escape(name, sizeof name, found->unknown, found->unknown_length);
        const char *nearest = config_nearest(found->unknown, found->unknown_length);
        log_line(
            log, LOG_LEVEL_ERROR,
            "the web server passes %s, which is not a name of this version%s%s: correct or remove "
            "it in the server's configuration",
            name, nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
        return BEARER_MISCONFIGURED;
    }
    if (found->times[REQUIRE] > 1 || found->times[PROFILE] > 1) {
        log_line(log, LOG_LEVEL_ERROR,
                 "the web server passes %s twice: set it once for each location",
                 found->times[REQUIRE] > 1 ? "BEARER_REQUIRE" : "BEARER_PROFILE");
        return BEARER_MISCONFIGURED;
    }
    if (found->values[METHOD] == NULL || found->times[METHOD] > 1 || found->times[PATH_INFO] > 1) {
        log_line(log, LOG_LEVEL_WARN,
                 "a request without REQUEST_METHOD, or with REQUEST_METHOD or PATH_INFO twice, was "
                 "refused");
        return BEARER_BAD_REQUEST;
    }
    return BEARER_OK;
}

enum bearer_code request_read(char *const *params, enum config_role role, const struct log *log,
                              struct request *request)
{
    struct found found = {0};
    *request = (struct request){0};
    for (; *params != NULL; params++) {
        sort_param(*params, &found);
    }
    request->method = found.values[METHOD];
    request->path_info = found.values[PATH_INFO];
    request->id = found.values[ID];
    request->uri = found.values[URI];
    request->client = found.values[CLIENT];
    request->server = found.values[SERVER];
    request->protocol = found.values[PROTOCOL];
    request->credentials.authorization = not_empty(found.values[AUTHORIZATION]);
    if (request->credentials.authorization == NULL) {
        request->credentials.authorization = not_empty(found.values[REDIRECTED]);
    }
    request->setting = found.setting;
    request->setting_length = found.setting_length;
    request->forged = found.forged;
    request->forged_length = found.forged_length;
    request->credentials.twice = found.times[AUTHORIZATION] > 1 || found.times[REDIRECTED] > 1;
    enum bearer_code code = read_role(&found, role, log, request);
    request->require = found.values[REQUIRE];
    if (request->require == NULL && request->role == ROLE_DENY) {
        request->require = found.values[REDIRECTED_REQUIRE];
    }
    request->profile = read_profile(&found, request->role);
    return code == BEARER_OK ? check(&found, log) : code;
}

struct credentials request_credentials(char *const *params, const char *param)
{
    struct credentials found = {.bare = true};
    const size_t length = strlen(param);
    for (; *params != NULL; params++) {
        if (strncmp(*params, param, length) == 0 && (*params)[length] == '=') {
            found.twice = found.twice || found.authorization != NULL;
            found.authorization = *params + length + 1;
        }
    }
    found.authorization = not_empty(found.authorization);
    return found;
}

bool request_is_lookup(const struct request *request)
{
    return request->protocol != NULL && strcmp(request->protocol, "INCLUDED") == 0;
}
