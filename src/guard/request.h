/* SPDX-License-Identifier: MIT */
/* What a web server told us about one request: the few params we look at, taken from libfcgi's or
 * the process's array. */
#ifndef FB_GUARD_REQUEST_H
#define FB_GUARD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "door/credentials.h"

/* All borrowed from the params; valid until the request is finished. NULL: absent. */
struct request {
    const char *method;
    const char *path_info;
    /* REQUEST_URI: as the client wrote it, with its query */
    const char *uri;
    /* HTTP_AUTHORIZATION, else REDIRECT_HTTP_AUTHORIZATION; an empty one counts as absent. */
    struct credentials credentials;
    /* REMOTE_ADDR */
    const char *client;
    /* SERVER_SOFTWARE */
    const char *server;
    /* SERVER_PROTOCOL */
    const char *protocol;
    /* BEARER_REQUIRE; in the role deny else REDIRECT_BEARER_REQUIRE */
    const char *require;
    /* BEARER_PROFILE; in the role deny else REDIRECT_BEARER_PROFILE; where Apache asks again after
     * our yes, BEARER_PROFILE_KEPT */
    const char *profile;
    /* BEARER_REQUEST_ID: what the web server calls the request, however often it asks about it */
    const char *id;
    /* as the params say: FCGI_ROLE and BEARER_ROLE, the stricter of both */
    enum config_role role;
    /* a param with the name of a setting, which counts for a process, not for a request */
    const char *setting;
    /* of its name */
    size_t setting_length;
    /* a client's header that a program could read as one of ours */
    const char *forged;
    /* of its name */
    size_t forged_length;
};

/* Reads the NULL-terminated array of NAME=value; `role` is that of the process. BEARER_OK;
 * BEARER_BAD_REQUEST if REQUEST_METHOD is missing, or what decides about the answer came twice
 * (libfcgi would silently take the first); BEARER_MISCONFIGURED, with a line in `log`, if there is
 * a BEARER_ name we do not know (a mistyped one must not open a door), a role we do not know, or
 * policy came twice. */
enum bearer_code request_read(char *const *params, enum config_role role, const struct log *log,
                              struct request *request);

/* The credentials in the header whose param this is (BEARER_TOKEN_HEADER); an empty one counts as
 * absent. */
struct credentials request_credentials(char *const *params, const char *param);

/* True if Apache asks for itself and nobody waits for the answer: it looks up what a PATH_INFO, a
 * listing or an include leads to. There SetEnvIf of a section does not count, so that
 * BEARER_REQUIRE is missing; the answer, a denial, is right, but no configuration is to be
 * mended. */
bool request_is_lookup(const struct request *request);

#endif
