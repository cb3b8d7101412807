/* Turns what was given into the settings, and says what is wrong with it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "config/config_internal.h"

#define SECONDS_MAX (INT64_C(10) * 365 * 86400)
/* Verified tokens that a worker remembers. Each takes a few times the memory of its text. */
#define TOKEN_CACHE_USUAL 4194304
#define TOKEN_CACHE_MIN   262144 /* holds any usual token (tokencache.h: one takes an eighth at most) */
#define TOKEN_CACHE_MAX   1073741824

#define REALM_MAX  128
#define SEPARATORS " ,"

/* The next item of a list separated by blanks or commas: moves *at behind it. False: there is none. */
static bool next_item(const char **at, const char **item, size_t *length)
{
    *item = *at + strspn(*at, SEPARATORS);
    *length = strcspn(*item, SEPARATORS);
    *at = *item + *length;
    return *length > 0;
}

/* One that begins with a quote ends with it: 'raw', or "with \\" and \\\\ as escapes"; what is in it goes into `out`. NULL, with *at behind it; or what is wrong. */
static const char *quoted_item(const char **at, char *out)
{
    const char quote = **at;
    const char *from = *at + 1;
    while (*from != '\0' && *from != quote) {
        if (quote == '"' && *from == '\\' && (from[1] == '"' || from[1] == '\\')) {
            from++;
        }
        *out++ = *from++;
    }
    *out = '\0';
    if (*from == '\0') {
        return "has a quote that is not closed; close it, or put one that is meant as such into the other "
               "kind of quotes";
    }
    *at = from + 1;
    return strchr(SEPARATORS, **at) != NULL
               ? NULL /* or the end */
               : "goes on right after a closing quote; put a space or comma there";
}

bool config_item(char *out, const char *text, size_t length)
{
    bool plain = length > 0 && text[0] != '\'' && text[0] != '"';
    bool raw = true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e || 2 * length + 3 > CONFIG_ITEM_MAX) {
            return false;
        }
        plain = plain && strchr(SEPARATORS, text[i]) == NULL;
        raw = raw && text[i] != '\'';
    }
    if (length == 0) {
        return false;
    }
    if (plain) {
        memcpy(out, text, length);
        out[length] = '\0';
        return true;
    }
    const char quote = raw ? '\'' : '"';
    *out++ = quote;
    for (size_t i = 0; i < length; i++) {
        if (!raw && (text[i] == '"' || text[i] == '\\')) {
            *out++ = '\\';
        }
        *out++ = text[i];
    }
    *out++ = quote;
    *out = '\0';
    return true;
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

void config_check_list(struct config_build *build, enum config_name name, const char *text, char ***list)
{
    if (!config_is_ascii(text)) {
        config_refuse(build, name,
                      "holds an octet that is not printable ASCII (a pasted quotation mark?); type it anew");
        return;
    }
    *list = calloc(strlen(text) / 2 + 2, sizeof **list);
    if (!config_have_memory(build, *list)) {
        return;
    }
    char *item CLEANUP(cleanup_free) = malloc(strlen(text) + 1);
    if (!config_have_memory(build, item)) {
        return;
    }
    size_t count = 0;
    for (const char *at = text + strspn(text, SEPARATORS); *at != '\0'; at += strspn(at, SEPARATORS)) {
        const char *why = NULL;
        size_t length = strcspn(at, SEPARATORS);
        if (*at == '\'' || *at == '"') {
            why = quoted_item(&at, item);
            why = why == NULL && *item == '\0' ? "has an empty pair of quotes; remove it" : why;
        } else {
            memcpy(item, at, length);
            item[length] = '\0';
            at += length;
        }
        if (why != NULL) {
            config_refuse(build, name, "%s", why);
            return;
        }
        (*list)[count] = strdup(item);
        if (!config_have_memory(build, (*list)[count++])) {
            return;
        }
    }
    if (count == 0) {
        config_refuse(build, name, "names nothing; write at least one, several with spaces between them");
    }
}

static void check_audiences(struct config_build *build)
{
    const enum config_name name = CONFIG_AUTH0_API_AUDIENCE;
    const char *text = config_given(build, name);
    if (text != NULL) {
        config_check_list(build, name, text, &build->config->audiences);
    } else if (!build->refused[name]) {
        config_refuse(build, name,
                      "is not set; set it to the identifier of your API as the issuer knows it, for example "
                      "https://api.example.com");
    }
}

/* What an authorizer is told: its role, and the claims it hands on. */
static void check_authorizer(struct config_build *build)
{
    char shown[CONFIG_SHOWN_MAX];
    const char *text = config_given(build, CONFIG_BEARER_ROLE);
    if (text != NULL && config_role_parse(text, &build->config->role) != 0) {
        config_refuse(build, CONFIG_BEARER_ROLE,
                      "'%s' is not known; write auto (as the web server says), authorizer (allow or deny, "
                      "never answer) or deny (show a denial again)",
                      config_shown(shown, text));
    }
    text = config_given(build, CONFIG_BEARER_FORWARD_CLAIMS);
    if (text != NULL) {
        config_check_list(build, CONFIG_BEARER_FORWARD_CLAIMS, text, &build->config->forward_claims);
    }
}

/* One name of AUTH0_ALGORITHMS: its bit, or 0 and an error that says why not. */
static unsigned algorithm(struct config_build *build, const char *item, size_t length, bool others)
{
    const enum config_name name = CONFIG_AUTH0_ALGORITHMS;
    enum jwa alg = jwa_parse(item, length);
    if (alg != JWA_UNKNOWN) {
        return JWA_BIT(alg);
    }
    char shown[40];
    log_escape(shown, sizeof shown, item, length);
    for (unsigned i = JWA_UNKNOWN + 1; i <= JWA__MAX; i++) {
        const char *known = i < JWA__MAX ? jwa_name((enum jwa)i) : JWA_ED25519_NAME;
        if (strlen(known) == length && strncasecmp(known, item, length) == 0) {
            config_refuse(build, name, "%s must be written %s", shown, known);
            return 0;
        }
    }
    if (length == 4 && strncasecmp(item, "none", 4) == 0) {
        config_refuse(build, name, "'%s' would let anybody in, for its tokens are not signed; %s", shown,
                      others ? "remove it" : "write RS256");
    } else if (length >= 2 && strncasecmp(item, "HS", 2) == 0) {
        config_refuse(build, name, "%s is symmetric: whoever can check such a token can also make one; %s",
                      shown,
                      others ? "remove it, and let the issuer sign with what is left"
                             : "write RS256, and let the issuer sign with it");
    } else {
        config_refuse(build, name,
                      "%s is not known; write any of RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 "
                      "ES512 EdDSA or Ed25519 (the same)",
                      shown);
    }
    return 0;
}

static void check_algorithms(struct config_build *build)
{
    const char *text = config_given(build, CONFIG_AUTH0_ALGORITHMS);
    build->config->algs = text == NULL ? JWA_BIT(JWA_RS256) : 0;
    if (text == NULL) {
        return;
    }
    const char *item = NULL;
    size_t length = 0;
    bool others = false; /* beside one that is none */
    for (const char *at = text; next_item(&at, &item, &length);) {
        others = others || jwa_parse(item, length) != JWA_UNKNOWN;
    }
    for (const char *at = text; next_item(&at, &item, &length);) {
        build->config->algs |= algorithm(build, item, length, others);
    }
    if (build->config->algs == 0 && !build->refused[CONFIG_AUTH0_ALGORITHMS]) {
        config_refuse(build, CONFIG_AUTH0_ALGORITHMS, "names no algorithm; write RS256, or remove it");
    }
}

/* A number of `what` from min to max; `usual` if none is given. */
static int64_t number_of(struct config_build *build, enum config_name name, const char *what, int64_t usual,
                         int64_t min, int64_t max)
{
    const char *text = config_given(build, name);
    if (text == NULL) {
        return usual;
    }
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    for (size_t i = 0; i < digits && number <= max; i++) {
        number = number * 10 + (text[i] - '0');
    }
    if (text[digits] != '\0' || number < min || number > max) {
        char shown[CONFIG_SHOWN_MAX];
        config_refuse(build, name,
                      "'%s' is not a number of %s from %lld to %lld; write digits only, for example %lld",
                      config_shown(shown, text), what, (long long)min, (long long)max, (long long)usual);
        return usual;
    }
    return number;
}

static int64_t seconds(struct config_build *build, enum config_name name, int64_t usual, int64_t min,
                       int64_t max)
{
    return number_of(build, name, "seconds", usual, min, max);
}

/* A few octets, or the number of tokens that somebody meant, would remember none and not say so. */
static void check_token_cache(struct config_build *build)
{
    const enum config_name name = CONFIG_BEARER_TOKEN_CACHE_BYTES;
    int64_t octets = number_of(build, name, "bytes", TOKEN_CACHE_USUAL, 0, TOKEN_CACHE_MAX);
    if (octets > 0 && octets < TOKEN_CACHE_MIN) {
        config_refuse(build, name,
                      "%lld bytes are too few to remember tokens; write 0 (remember none), or %d or more",
                      (long long)octets, TOKEN_CACHE_MIN);
    }
    build->config->token_cache = (size_t)octets;
}

static void check_times(struct config_build *build)
{
    struct config *config = build->config;
    config->ttl = seconds(build, CONFIG_BEARER_JWKS_TTL, 600, 1, SECONDS_MAX);
    config->max_stale = seconds(build, CONFIG_BEARER_JWKS_MAX_STALE, 86400, 1, SECONDS_MAX);
    config->cooldown = seconds(build, CONFIG_BEARER_JWKS_COOLDOWN, 30, 0, SECONDS_MAX);
    config->leeway = seconds(build, CONFIG_BEARER_LEEWAY, 5, 0, 300);
    if (config->max_stale >= config->ttl || build->refused[CONFIG_BEARER_JWKS_TTL] ||
        build->refused[CONFIG_BEARER_JWKS_MAX_STALE]) {
        return;
    }
    bool by_ttl = config_given(build, CONFIG_BEARER_JWKS_MAX_STALE) == NULL;
    config_refuse(
        build, by_ttl ? CONFIG_BEARER_JWKS_TTL : CONFIG_BEARER_JWKS_MAX_STALE,
        "keys would be refused (BEARER_JWKS_MAX_STALE, %lld) before they are refreshed (BEARER_JWKS_TTL, "
        "%lld); set BEARER_JWKS_MAX_STALE to %lld or more, or a smaller BEARER_JWKS_TTL",
        (long long)config->max_stale, (long long)config->ttl, (long long)config->ttl);
}

static void check_realm(struct config_build *build)
{
    const char *text = config_given(build, CONFIG_BEARER_REALM);
    if (text == NULL) {
        text = "api";
    } else if (strlen(text) > REALM_MAX || !config_is_ascii(text) || strpbrk(text, "\"\\") != NULL) {
        config_refuse(build, CONFIG_BEARER_REALM,
                      "stands in a header: write at most %d printable ASCII characters without \" and \\",
                      REALM_MAX);
        return;
    }
    build->config->realm = strdup(text);
    config_have_memory(build, build->config->realm);
}

static void check_words(struct config_build *build)
{
    struct config *config = build->config;
    char shown[CONFIG_SHOWN_MAX];
    const char *text = config_given(build, CONFIG_BEARER_LOG_LEVEL);
    config->log_level = LOG_LEVEL_WARN;
    if (text != NULL && log_level_parse(text, &config->log_level) != 0) {
        config_refuse(build, CONFIG_BEARER_LOG_LEVEL, "'%s' is not a level; write error, warn, info or debug",
                      config_shown(shown, text));
    }
    text = config_given(build, CONFIG_BEARER_REFRESH);
    config->refresh_external = text != NULL && strcmp(text, "external") == 0;
    if (text != NULL && !config->refresh_external && strcmp(text, "spawn") != 0) {
        config_refuse(
            build, CONFIG_BEARER_REFRESH,
            "'%s' is not known; write spawn (workers start the refresh) or external (cron or a timer does)",
            config_shown(shown, text));
    }
}

bool config_check_file(struct config_build *build, enum config_name name, const char *path)
{
    struct diag diag = {""};
    if (safe_check(path, build->origin->program_owner, &diag) == SAFE_OK) {
        return true;
    }
    config_refuse(build, name, "%s", diag.text);
    return false;
}

static void check_paths(struct config_build *build)
{
    struct config *config = build->config;
    char shown[CONFIG_SHOWN_MAX];
    const char *text = config_given(build, CONFIG_BEARER_CA_FILE);
    if (text != NULL && config_check_file(build, CONFIG_BEARER_CA_FILE, text)) {
        config->ca_file = strdup(text);
        config_have_memory(build, config->ca_file);
    }
    text = config_given(build, CONFIG_BEARER_CACHE_DIR);
    if (text == NULL) {
        config->cache_dir = config_default_cache_dir(build->origin);
    } else if (text[0] != '/') {
        config_refuse(build, CONFIG_BEARER_CACHE_DIR,
                      "'%s' is not an absolute path; write one that begins with /",
                      config_shown(shown, text));
    } else {
        size_t length = strlen(text);
        while (length > 1 && text[length - 1] == '/') {
            length--; /* a link with a slash behind it would be followed */
        }
        config->cache_dir = strndup(text, length);
        config_have_memory(build, config->cache_dir);
    }
}

void config_check(struct config_build *build)
{
    config_check_identity(build);
    check_audiences(build);
    check_algorithms(build);
    check_times(build);
    check_paths(build);
    config_check_proxy(build);
    check_realm(build);
    check_words(build);
    check_token_cache(build);
    check_authorizer(build);
    config_check_web(build);
}
