/* SPDX-License-Identifier: MIT */
#include "issuer/url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define SCHEME  "https://"
#define URL_MAX 2000

static bool is_port(const char *text, size_t length)
{
    unsigned port = 0;
    if (length == 0 || length > 5) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* NAME, NAME:PORT, [IPv6] or [IPv6]:PORT. */
static bool is_authority(const char *text, size_t length)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t host = 0;
    if (text[0] == '[') {
        host = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
        if (host < 3 || text[host] != ']') {
            return false;
        }
        host++;
    } else {
        host = strspn(text, name);
    }
    if (host == 0 || host > length) {
        return false;
    }
    return host == length || (text[host] == ':' && is_port(text + host + 1, length - host - 1));
}

int url_check_issuer(const char *url, struct diag *diag)
{
    /* What RFC 3986 allows in a path, "%" included. */
    static const char path[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;=:@/";
    const char *why = NULL;
    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
        why = "it begins with https://";
    } else if (strlen(url) > URL_MAX) {
        why = "it has at most 2000 characters";
    } else {
        const char *authority = url + strlen(SCHEME);
        size_t length = strcspn(authority, "/?#");
        const char *rest = authority + length;
        if (strpbrk(authority, "?#") != NULL) {
            why = "it has no query (?) and no fragment (#)";
        } else if (!is_authority(authority, length)) {
            why = "after https:// comes a host, and a port from 1 to 65535 if any, without user or "
                  "password";
        } else if (rest[strspn(rest, path)] != '\0') {
            why = "what is not printable ASCII, and some of that, is written as %XX";
        }
    }
    if (why == NULL) {
        return 0;
    }
    diag_set(diag, "--issuer: %s; for example https://localhost:8443/, not '%.200s'", why, url);
    return EX_USAGE;
}

char *url_below(const char *url, const char *rest)
{
    size_t length = strlen(url);
    size_t more = strlen(rest);
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    char *joined = malloc(length + 1 + more + 1);
    if (joined != NULL) {
        memcpy(joined, url, length);
        joined[length] = '/';
        memcpy(joined + length + 1, rest, more + 1);
    }
    return joined;
}
