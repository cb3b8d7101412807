/* The issuer, where its keys are, and the way there. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "config/config_internal.h"

#define HTTPS     "https://"
#define FILE_URI  "file://"
#define DISCOVERY "/.well-known/openid-configuration"
#define JWKS      "/.well-known/jwks.json"
#define HOST_MAX  253 /* octets (RFC 1035, section 2.3.4) */
#define LETTERS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS    "0123456789"

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A host name or IPv4 address: labels of letters, digits, '-' (and '_', which some inner networks have) with dots between. */
static bool is_host(const char *text, size_t length)
{
    if (length == 0 || length > HOST_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool edge = i == 0 || text[i - 1] == '.' || i + 1 == length || text[i + 1] == '.';
        if (strchr(LETTERS DIGITS "-_.", text[i]) == NULL || (edge && (text[i] == '.' || text[i] == '-'))) {
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

/* What keeps it from being an https URL to fetch (RFC 9110, section 4.2.2), or NULL. */
static const char *https_fault(const char *text)
{
    if (begins(text, "http://")) {
        return "is plain http, where anybody on the way could put in keys of his own; write https://";
    }
    if (!begins(text, HTTPS)) {
        return "does not begin with https://; write the whole URL";
    }
    if (!config_is_ascii(text) || strpbrk(text, " \"<>\\^`{|}") != NULL) {
        return "holds a space or another character that no URL has; remove or percent-encode it";
    }
    const char *authority = text + strlen(HTTPS);
    size_t length = strcspn(authority, "/?#");
    if (memchr(authority, '@', length) != NULL) {
        return "holds a user name; write https://HOST/ without it";
    }
    return config_is_authority(authority, length) ? NULL
                                                  : "names no valid host after https://; write https://HOST/";
}

bool config_is_https(const char *text)
{
    return https_fault(text) == NULL;
}

/* The host that a mistyped AUTH0_DOMAIN most likely means, lower case; the caller's, NULL if there is none in it. */
static char *host_within(const char *text, bool *more)
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
    for (char *c = host; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return host;
}

/* AUTH0_DOMAIN if it is a bare host name in lower case, as issuers write themselves; else NULL. */
static const char *check_domain(struct config_build *build)
{
    const char *text = config_given(build, CONFIG_AUTH0_DOMAIN);
    if (text == NULL) {
        return NULL;
    }
    bool more = false;
    char shown[CONFIG_SHOWN_MAX];
    char *host CLEANUP(cleanup_free) = host_within(text, &more);
    if (host != NULL && strcmp(host, text) == 0) {
        return text;
    }
    config_shown(shown, text);
    if (host == NULL) {
        config_refuse(build, CONFIG_AUTH0_DOMAIN,
                      "'%s' is not a host name; write the domain of the tenant alone, for example "
                      "example.eu.auth0.com",
                      shown);
    } else if (more) {
        config_refuse(build, CONFIG_AUTH0_DOMAIN,
                      "'%s' is more than a host name; write %s, or, if the issuer is that very URL, remove "
                      "AUTH0_DOMAIN and set AUTH0_ISSUER to it",
                      shown, host);
    } else {
        config_refuse(build, CONFIG_AUTH0_DOMAIN, "'%s' is not a bare host name in lower case; write %s",
                      shown, host);
    }
    return NULL;
}

/* Auth0's issuers end in a slash; without it no token would fit. */
static void warn_slash(struct config_build *build, const char *issuer, const char *domain)
{
    static const char auth0[] = ".auth0.com";
    if (!begins(issuer, HTTPS) || strchr(issuer + strlen(HTTPS), '/') != NULL) {
        return;
    }
    const char *host = issuer + strlen(HTTPS);
    size_t length = strlen(host);
    size_t tail = sizeof auth0 - 1;
    if ((domain != NULL && strcmp(host, domain) == 0) ||
        (length > tail && strcmp(host + length - tail, auth0) == 0)) {
        config_warn(
            build, CONFIG_AUTH0_ISSUER,
            "has no slash at its end, but the tokens of %s are issued by https://%s/; write that, slash and "
            "all, or remove AUTH0_ISSUER and set AUTH0_DOMAIN",
            host, host);
    }
}

/* `name_only`: nothing is fetched from it. */
static void check_issuer(struct config_build *build, const char *domain, bool name_only)
{
    const enum config_name name = CONFIG_AUTH0_ISSUER;
    char shown[CONFIG_SHOWN_MAX];
    const char *text = config_given(build, name);
    if (text == NULL) {
        if (domain != NULL) {
            build->config->issuer = config_format(HTTPS "%s/", domain);
            config_have_memory(build, build->config->issuer);
        } else if (!build->refused[name] && !build->refused[CONFIG_AUTH0_DOMAIN]) {
            config_refuse(
                build, CONFIG_AUTH0_DOMAIN,
                "is not set; set it to the domain of the tenant, for example example.eu.auth0.com, or "
                "AUTH0_ISSUER to the URL of another issuer");
        }
        return;
    }
    const char *why = name_only ? NULL : https_fault(text);
    if (why != NULL) {
        config_refuse(build, name, "'%s' %s", config_shown(shown, text), why);
        return;
    }
    if (!config_is_ascii(text) || strchr(text, ' ') != NULL) {
        config_refuse(build, name,
                      "'%s' holds a space or what is not printable ASCII; write the exact `iss` of a token",
                      config_shown(shown, text));
        return;
    }
    warn_slash(build, text, domain);
    build->config->issuer = strdup(text);
    config_have_memory(build, build->config->issuer);
}

static int hex(char c)
{
    const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
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

/* The path of file:///path, decoded (RFC 8089); the caller's. NULL: it is not one. */
static char *file_path(const char *uri)
{
    if (!begins(uri, FILE_URI "/")) {
        return NULL;
    }
    char *path CLEANUP(cleanup_free) = strdup(uri + strlen(FILE_URI));
    return path != NULL && percent_decode(path) ? steal(&path) : NULL;
}

static void check_jwks_uri(struct config_build *build, const char *text)
{
    const enum config_name name = CONFIG_BEARER_JWKS_URI;
    struct config *config = build->config;
    char shown[CONFIG_SHOWN_MAX];
    config_shown(shown, text);
    if (begins(text, "file:")) {
        char *path CLEANUP(cleanup_free) = file_path(text);
        if (path == NULL) {
            config_refuse(build, name,
                          "'%s' is not the URL of a file here; write file:///PATH with three slashes", shown);
        } else if (config_check_file(build, name, path)) {
            config->jwks_file = steal(&path);
        }
        return;
    }
    if (text[0] == '/') {
        config_refuse(build, name, "'%s' is a path; write file://%s", shown, shown);
        return;
    }
    const char *why = https_fault(text);
    if (why == NULL && strchr(text, '#') != NULL) {
        why = "holds a fragment; remove it, from # on";
    }
    if (why != NULL) {
        config_refuse(build, name, "'%s' %s", shown, why);
        return;
    }
    config->jwks_uri = strdup(text);
    config_have_memory(build, config->jwks_uri);
}

char *config_discovery_uri(const char *issuer)
{
    size_t length = strlen(issuer);
    while (issuer[length - 1] == '/') { /* there is a host before them */
        length--;
    }
    return config_format("%.*s" DISCOVERY, (int)length, issuer);
}

/* Only the issuer is known: its metadata says where the keys are (OpenID Connect Discovery, section 4). */
static void discover(struct config_build *build, const char *issuer)
{
    if (strpbrk(issuer, "?#") != NULL) {
        config_refuse(build, CONFIG_AUTH0_ISSUER,
                      "holds a query or fragment, so its keys cannot be discovered; set BEARER_JWKS_URI too");
        return;
    }
    build->config->discovery_uri = config_discovery_uri(issuer);
    config_have_memory(build, build->config->discovery_uri);
}

void config_check_identity(struct config_build *build)
{
    struct config *config = build->config;
    const char *uri = config_given(build, CONFIG_BEARER_JWKS_URI);
    const char *domain = check_domain(build);
    check_issuer(build, domain, uri != NULL && begins(uri, "file:"));
    if (uri != NULL) {
        check_jwks_uri(build, uri);
    } else if (domain != NULL) {
        config->jwks_uri = config_format(HTTPS "%s" JWKS, domain);
        config_have_memory(build, config->jwks_uri);
    } else if (config->issuer != NULL) {
        discover(build, config->issuer);
    }
}

void config_check_proxy(struct config_build *build)
{
    static const char *const schemes[] = {"http://", HTTPS, "socks5://", "socks5h://"};
    const char *text = config_given(build, CONFIG_BEARER_PROXY);
    if (text == NULL) {
        return;
    }
    const char *authority = NULL;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (begins(text, schemes[i])) {
            authority = text + strlen(schemes[i]);
        }
    }
    size_t length = authority != NULL ? strcspn(authority, "/") : 0;
    const char *at = authority != NULL ? memchr(authority, '@', length) : NULL;
    const char *host = at != NULL ? at + 1 : authority;
    if (authority == NULL || strpbrk(text, " \"\\") != NULL || strlen(authority + length) > 1 ||
        !config_is_authority(host, length - (size_t)(host - authority))) {
        /* never shown: it may hold a password */
        config_refuse(
            build, CONFIG_BEARER_PROXY,
            "is not the URL of a proxy; write http://HOST:PORT (or https://, socks5://, socks5h://)");
        return;
    }
    build->config->proxy = strdup(text);
    config_have_memory(build, build->config->proxy);
}
