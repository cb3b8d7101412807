/* SPDX-License-Identifier: MIT */
#include "config/config_web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "config/config_build.h"
#include "config/config_list.h"
#include "config/config_uri.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define DOCS_LETTER \
    LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-._~" /* RFC 3986, section 2.3: plain in a page */

/* The port that a browser leaves out of the Origin of this scheme, with its colon; "" if there is
 * none. */
static const char *usual_port(const char *origin)
{
    if (strncmp(origin, "https://", 8) == 0) {
        return ":443";
    }
    return strncmp(origin, "http://", 7) == 0 ? ":80" : "";
}

/* What a browser sends where this is written: in lower case, nothing behind the host, not the usual
 * port (RFC 6454, section 6.1). The caller's; NULL: out of memory. */
static char *as_sent(const char *text, const char *authority)
{
    size_t length = (size_t)(authority - text) + strcspn(authority, "/?#\\");
    char *origin = strndup(text, length);
    if (origin == NULL) {
        return NULL;
    }
    ascii_make_lower(origin);
    const char *port = usual_port(origin);
    size_t port_length = strlen(port);
    if (length > port_length && strcmp(origin + length - port_length, port) == 0) {
        origin[length - port_length] = '\0';
    }
    return origin;
}

/* `most` octets: it has to fit into the head of an answer. */
static bool is_origin(const char *text, size_t scheme, int64_t most)
{
    const char *authority = text + scheme + 3;
    const char *port = strrchr(authority, ':');
    return (int64_t)strlen(text) <= most && strspn(text, LOWER DIGITS "+-.") == scheme &&
           strchr(LOWER, *text) != NULL && config_is_authority(authority, strlen(authority)) &&
           (port == NULL || port[1] != '0');
}

/* One origin, which is compared as a whole: what a browser never sends would only seem to let
 * somebody in. */
static void check_origin(struct config_build *build, enum config_name name, const char *text)
{
    char shown[CONFIG_SHOWN_MAX];
    char right[CONFIG_SHOWN_MAX];
    const char *colon = strstr(text, "://");
    config_shown(shown, text);
    if (strchr(text, '*') != NULL) {
        config_refuse(
            build, name,
            "'%s': origins are compared as a whole; write each of them, or * alone for every "
            "origin",
            shown);
        return;
    }
    if (strcmp(text, "null") == 0) {
        config_refuse(
            build, name,
            "'null' is sent by every local file and sandboxed frame, so anybody can send it; "
            "write the origin "
            "of the page, for example https://app.example.com");
        return;
    }
    if (colon == NULL || colon == text) {
        config_refuse(
            build, name,
            "'%s' has no scheme; write it as the browser's address bar has it, for example "
            "https://app.example.com",
            shown);
        return;
    }
    char *origin CLEANUP(cleanup_free) = as_sent(text, colon + 3);
    if (!config_have_memory(build, origin)) {
        return;
    }
    if (!is_origin(origin, (size_t)(colon - text), config_row(name)->max)) {
        config_refuse(
            build, name,
            "'%s' is not an origin; write SCHEME://HOST or SCHEME://HOST:PORT, for example "
            "https://app.example.com",
            shown);
    } else if (strcmp(origin, text) != 0) {
        config_refuse(build, name, "'%s' is not what a browser sends; write %s", shown,
                      config_shown(right, origin));
    }
}

void config_take_origins(struct config_build *build, enum config_name name, const char *text,
                         void *field)
{
    config_take_list(build, name, text, field);
    char **origins = *(char ***)field;
    if (origins == NULL ||
        (origins[0] != NULL && strcmp(origins[0], "*") == 0 && origins[1] == NULL)) {
        return;
    }
    for (size_t i = 0; origins[i] != NULL && !build->refused[name]; i++) {
        check_origin(build, name, origins[i]);
    }
}

/* Whether this, which begins with a slash, is of plain segments, with nothing that a browser would
 * change or a page would need escaped. */
static bool is_plain_path(const char *text, int64_t most)
{
    bool good = (int64_t)strlen(text) <= most;
    while (good && *text == '/') {
        const char *segment = text + 1;
        size_t length = strspn(segment, DOCS_LETTER);
        good = length > 0 && strspn(segment, ".") != length;
        text = segment + length;
    }
    return good && *text == '\0';
}

void config_take_docs(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    const struct config_row *row = config_row(name);
    char shown[CONFIG_SHOWN_MAX];
    if (strcmp(text, "off") == 0) {
        return;
    }
    config_shown(shown, text);
    if (strcmp(text, "on") == 0) {
        text = "";
    } else if (*text != '/') {
        config_refuse(build, name, "'%s' is not known; write %s", shown, row->help);
        return;
    } else if (!is_plain_path(text, row->max)) {
        config_refuse(
            build, name,
            "'%s' is not a plain path; write letters, digits, - . _ ~ and single slashes, none at "
            "the end, at most %lld, for example /swagger-ui",
            shown, (long long)row->max);
        return;
    }
    config_keep(build, text, field);
}

/* Whether a header of this name means something else to servers, or is for the guard alone to say.
 * One that ends in * stands for all that begin so. */
static const char *other_meaning(const char *text)
{
    static const struct {
        const char *name, *why;
    } names[] = {
        {"Cookie", "is sent by browsers with every request that a page makes, so that any site "
                   "could act in a user's name"},
        {"Host", "says which site is meant"},
        {"Connection", "is for each connection alone, and proxies take it away"},
        {"DPoP", "holds a proof and no token (RFC 9449)"},
        {"Proxy-*", "is for proxies, which take it away"},
        {"X-Forwarded-*", "is what proxies say of the client"},
        {"Bearer*", "is what a guard says to the program behind it"},
        {"Remote-User", "is what a guard says to the program behind it"},
        {"Auth-Type", "is what a guard says to the program behind it"},
        {"Content-*", "is about the body"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t length = strlen(names[i].name);
        const bool open = names[i].name[length - 1] == '*';
        if (open ? strncasecmp(text, names[i].name, length - 1) == 0
                 : strcasecmp(text, names[i].name) == 0) {
            return names[i].why;
        }
    }
    return NULL;
}

void config_take_header(struct config_build *build, enum config_name name, const char *text,
                        void *field)
{
    char **param = field;
    char shown[CONFIG_SHOWN_MAX];
    const char *why = other_meaning(text);
    if (why != NULL) {
        config_refuse(build, name, "the header %s %s; name the one that holds the token",
                      config_shown(shown, text), why);
        return;
    }
    if ((int64_t)strlen(text) > config_row(name)->max ||
        strspn(text, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-") != strlen(text) ||
        *text == '-') {
        config_refuse(build, name,
                      "'%s' is not the name of a header: write at most %lld letters, digits and -",
                      config_shown(shown, text), (long long)config_row(name)->max);
        return;
    }
    if (strcasecmp(text, "Authorization") == 0) {
        return;
    }
    if (asprintf(param, "HTTP_%s", text) < 0) {
        *param = NULL;
        config_have_memory(build, NULL);
        return;
    }
    for (char *at = *param; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : ascii_upper(*at);
    }
}
