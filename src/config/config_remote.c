/* SPDX-License-Identifier: MIT */
#include "config/config_remote.h"

#include <string.h>

#include "base/cleanup.h"
#include "config/config_build.h"
#include "config/config_path.h"
#include "config/config_uri.h"

void config_take_host(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    bool more = false;
    char shown[CONFIG_SHOWN_MAX];
    char *host CLEANUP(cleanup_free) = config_host_within(text, &more);
    if (host != NULL && strcmp(host, text) == 0) {
        config_keep(build, text, field);
        return;
    }
    config_shown(shown, text);
    if (host == NULL) {
        config_refuse(build, name,
                      "'%s' is not a host name; write the domain of the tenant alone, for example "
                      "example.eu.auth0.com",
                      shown);
    } else if (more) {
        config_refuse(
            build, name,
            "'%s' is more than a host name; write %s, or, if the issuer is that very URL, remove "
            "AUTH0_DOMAIN and set AUTH0_ISSUER to it",
            shown, host);
    } else {
        config_refuse(build, name, "'%s' is not a bare host name in lower case; write %s", shown,
                      host);
    }
}

void config_take_keys(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    char shown[CONFIG_SHOWN_MAX];
    config_shown(shown, text);
    if (config_begins(text, "file:")) {
        char *path CLEANUP(cleanup_free) = config_file_path(text);
        if (path == NULL) {
            config_refuse(
                build, name,
                "'%s' is not the URL of a file here; write file:///PATH with three slashes", shown);
        } else if (config_check_file(build, name, path)) {
            build->config->jwks_file = steal(&path);
        }
        return;
    }
    if (text[0] == '/') {
        config_refuse(build, name, "'%s' is a path; write file://%s", shown, shown);
        return;
    }
    const char *why = config_https_fault(text);
    if (why == NULL && strchr(text, '#') != NULL) {
        why = "holds a fragment; remove it, from # on";
    }
    if (why != NULL) {
        config_refuse(build, name, "'%s' %s", shown, why);
        return;
    }
    config_keep(build, text, field);
}

void config_take_proxy(struct config_build *build, enum config_name name, const char *text,
                       void *field)
{
    static const char *const schemes[] = {"http://", CONFIG_HTTPS, "socks5://", "socks5h://"};
    const char *authority = NULL;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (config_begins(text, schemes[i])) {
            authority = text + strlen(schemes[i]);
        }
    }
    size_t length = authority != NULL ? strcspn(authority, "/") : 0;
    const char *at = authority != NULL ? memchr(authority, '@', length) : NULL;
    const char *host = at != NULL ? at + 1 : authority;
    if (authority == NULL || strpbrk(text, " \"\\") != NULL || strlen(authority + length) > 1 ||
        !config_is_authority(host, length - (size_t)(host - authority))) {
        /* never shown: it may hold a password */
        config_refuse(build, name, "is not the URL of a proxy; write %s", config_row(name)->help);
        return;
    }
    config_keep(build, text, field);
}
