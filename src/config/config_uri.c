/* SPDX-License-Identifier: MIT */
#include "config/config_uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define FILE_URI  "file://"
#define DISCOVERY "/.well-known/openid-configuration"
#define RFC_8414  "/.well-known/oauth-authorization-server"
#define HOST_MAX  253 /* octets (RFC 1035, section 2.3.4) */
#define LETTERS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS    "0123456789"

bool config_begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool config_is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x7e) {
            return false;
        }
    }
    return true;
}

/* A host name or IPv4 address: labels of letters, digits, '-' (and '_', which some inner networks
 * have) with dots between. */
static bool is_host(const char *text, size_t length)
{
    if (length == 0 || length > HOST_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool edge = i == 0 || text[i - 1] == '.' || i + 1 == length || text[i + 1] == '.';
        if (strchr(LETTERS DIGITS "-_.", text[i]) == NULL ||
            (edge && (text[i] == '.' || text[i] == '-'))) {
            return false;
        }
    }
    return true;
}

bool config_is_authority(const char *text, size_t length)
{
    size_t host = 0;
    if (length > 0 && text[0] == '[') {
        host = strspn(text + 1, DIGITS "abcdefABCDEF:.") + 1;
        if (host >= length || text[host] != ']' || host < 3) {
            return false;
        }
        host++;
    } else {
        while (host < length && text[host] != ':') {
            host++;
        }
        if (!is_host(text, host)) {
            return false;
        }
    }
    if (host == length) {
        return true;
    }
    unsigned port = 0;
    size_t digits = strspn(text + host + 1, DIGITS);
    for (size_t i = 0; i < digits && port <= 65535; i++) {
        port = port * 10 + (unsigned)(text[host + 1 + i] - '0');
    }
    return text[host] == ':' && host + 1 + digits == length && port >= 1 && port <= 65535;
}

const char *config_https_fault(const char *text)
{
    if (config_begins(text, "http://")) {
        return "is plain http, where anybody on the way could put in their own keys; write "
               "https://";
    }
    if (!config_begins(text, CONFIG_HTTPS)) {
        return "does not begin with https://; write the whole URL";
    }
    if (!config_is_ascii(text) || strpbrk(text, " \"<>\\^`{|}") != NULL) {
        return "holds a space or another character that no URL has; remove or percent-encode it";
    }
    const char *authority = text + strlen(CONFIG_HTTPS);
    size_t length = strcspn(authority, "/?#");
    if (memchr(authority, '@', length) != NULL) {
        return "holds a user name; write https://HOST/ without it";
    }
    return config_is_authority(authority, length)
               ? NULL
               : "names no valid host after https://; write https://HOST/";
}

bool config_is_https(const char *text)
{
    return config_https_fault(text) == NULL;
}

char *config_host_within(const char *text, bool *more)
{
    const char *start = strstr(text, "://");
    start = start != NULL ? start + 3 : text;
    start += strspn(start, " /");
    size_t length = strcspn(start, "/?# ");
    const char *at = memchr(start, '@', length);
    if (at != NULL) {
        length -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    const char *rest = start + length;
    const char *port = memchr(start, ':', length);
    if (port != NULL) {
        length = (size_t)(port - start);
    }
    while (length > 0 && start[length - 1] == '.') {
        length--;
    }
    *more = port != NULL || rest[strspn(rest, "/ ")] != '\0';
    if (!is_host(start, length)) {
        return NULL;
    }
    char *host = strndup(start, length);
    ascii_make_lower(host);
    return host;
}

static int hex(char c)
{
    const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, ascii_lower(c)) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

/* Percent-decodes in place (RFC 3986, section 2.1); false: an escape is none, or a NUL. */
static bool percent_decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        *to = *from;
        if (*from == '%') {
            int high = hex(from[1]);
            int low = high >= 0 ? hex(from[2]) : -1;
            if (low < 0 || (high | low) == 0) {
                return false;
            }
            *to = (char)(high * 16 + low);
            from += 2;
        }
        to++;
    }
    *to = '\0';
    return true;
}

char *config_file_path(const char *uri)
{
    if (!config_begins(uri, FILE_URI "/")) {
        return NULL;
    }
    char *path CLEANUP(cleanup_free) = strdup(uri + strlen(FILE_URI));
    return path != NULL && percent_decode(path) ? steal(&path) : NULL;
}

bool config_metadata_uri(const char *issuer, unsigned form, char **uri)
{
    const int host = (int)(strlen(CONFIG_HTTPS) + strcspn(issuer + strlen(CONFIG_HTTPS), "/"));
    int length = (int)strlen(issuer);
    while (issuer[length - 1] == '/') { /* there is a host before them */
        length--;
    }
    const char *path = issuer + host;
    int made = -1;
    *uri = NULL;
    if (form == 0) {
        made = asprintf(uri, "%.*s" DISCOVERY, length, issuer);
    } else if (form == 1) {
        made = asprintf(uri, "%.*s" RFC_8414 "%.*s", host, issuer, length - host, path);
    } else if (form == 2 && length > host) {
        made = asprintf(uri, "%.*s" RFC_8414, length, issuer);
    } else {
        return false;
    }
    *uri = made < 0 ? NULL : *uri;
    return true;
}

char *config_discovery_uri(const char *issuer)
{
    char *uri = NULL;
    (void)config_metadata_uri(issuer, 0, &uri);
    return uri;
}
