/* SPDX-License-Identifier: MIT */
/* The profiles beside bearer.env: which files are some, what they may say, and what they have from
 * default. */
#include "config_test.h"

#include "config/config_environment.h"

#define TWO "AUTH0_ISSUER=https://two.test/\nAUTH0_API_AUDIENCE=two\n"

/* Puts a file among the profiles; NULL: takes it away. */
static void profile(const char *name, const char *text)
{
    const char *path = at("program/profiles/%s", name);
    if (text != NULL) {
        put(path, text);
    } else {
        unlink(path);
    }
}

static const struct config *named(const struct config *config, const char *name)
{
    while (config != NULL && strcmp(config->profile, name) != 0) {
        config = config->next;
    }
    return config;
}

static void which_files(void)
{
    const struct config *config = load(BASE, nothing);
    ok(config != NULL && config->next == NULL && strcmp(config->profile, "default") == 0,
       "no directory: default alone");
    make_directory(at("program/profiles"), 0755);
    config = load(BASE, nothing);
    ok(config != NULL && config->next == NULL, "an empty directory: default alone");
    profile("zz-9.env", TWO);
    profile("a.env", TWO);
    profile("01234567890123456789012345678901.env", TWO);
    profile("README", "not a profile");
    profile("a.env~", "not a profile");
    profile("a.env.bak", "not a profile");
    profile(".#a.env", "not a profile");
    config = load(BASE, nothing);
    ok(config != NULL && strcmp(config->next->profile, "01234567890123456789012345678901") == 0 &&
           strcmp(config->next->next->profile, "a") == 0 &&
           strcmp(config->next->next->next->profile, "zz-9") == 0 &&
           config->next->next->next->next == NULL,
       "NAME.env are profiles, in order; other files are not: %s", diag.text);
    profile("01234567890123456789012345678901.env", NULL);
    profile("zz-9.env", NULL);
    profile("a.env", NULL);
}

static void bad_names(void)
{
    static const char *const names[] = {
        "A.env", "a_b.env",     "a.b.env", "\xc3\xa9.env",
        " .env", "default.env", "a\n.env", "0123456789012345678901234567890123.env"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        profile(names[i], TWO);
        refused(BASE, "program/profiles/|is not the name of a profile|rename the file", names[i]);
        profile(names[i], NULL);
    }
}

/* What a file says that it must not say, or not so. */
static void bad_files(void)
{
    static const struct {
        const char *text, *fragments;
    } rows[] = {
        {"AUTH0_API_AUDIENCE=x\n", "AUTH0_DOMAIN: is not set|looked for in |profiles/x.env)"},
        {"AUTH0_ISSUER=https://two.test/\n", "AUTH0_API_AUDIENCE: is not set|profiles/x.env)"},
        {TWO "BEARER_LOG_LEVEL=info\n", "BEARER_LOG_LEVEL (|profiles/x.env:3): is one for the "
                                        "whole process|bearer.env"},
        {TWO "BEARER_CACHE_DIR=/x\n", "BEARER_CACHE_DIR (|profiles/x.env:3): is one for the whole"},
        {TWO "BEARER_REFRESH=external\n", "BEARER_REFRESH (|x.env:3): is one for the whole"},
        {TWO "BEARER_ROLE=deny\n", "BEARER_ROLE (|x.env:3): is one for the whole"},
        {TWO "BEARER_TOKEN_CACHE_BYTES=0\n", "BEARER_TOKEN_CACHE_BYTES (|x.env:3): is one for the"},
        {TWO "BEARER_DOCS=on\n", "BEARER_DOCS (|x.env:3): is one for the whole"},
        {TWO "BEARER_PROFILES=/x\n", "BEARER_PROFILES (|x.env:3): is one for the whole"},
        {TWO "BEARER_CONFIG=/x\n", "BEARER_CONFIG (|x.env:3)|cannot be set in it"},
        {TWO "BEARER_PROFILE=x\n", "BEARER_PROFILE (|x.env:3): is not a setting"},
        {TWO "BEARER_SUB=x\n", "BEARER_SUB (|x.env:3): is not a setting"},
        {TWO "BEARER_REALMS=x\n", "BEARER_REALMS (|x.env:3)|did you mean BEARER_REALM?"},
        {TWO "BEARER_LEEWAY=301\n", "BEARER_LEEWAY (|x.env:3): '301'"},
        {TWO "SECRET\n", "x.env, line 3: no '='"},
        {TWO "BEARER_JWKS_TTL=90000\n", "BEARER_JWKS_TTL (|x.env:3): keys would be refused"},
        {TWO "BEARER_REQUIRE=\n", "BEARER_REQUIRE (|x.env:3): |empty"},
        {TWO "BEARER_REQUIRE=scopes=x\n", "BEARER_REQUIRE (|x.env:3): |scopes=x"},
        {TWO "BEARER_REQUIRE=scope=x\nBEARER_REQUIRE=scope=x\n",
         "BEARER_REQUIRE (|x.env:4): was given before"},
        {TWO "BEARER_REQUIRE=scope=${x}\n", "BEARER_REQUIRE (|x.env:3): variables are not"},
        {TWO "AUTH0_ISSUER=https://x/\n", "AUTH0_ISSUER (|x.env:3): was given before, on line 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        profile("x.env", rows[i].text);
        refused(BASE, rows[i].fragments, rows[i].fragments);
    }
    profile("x.env", NULL);
    refused(BASE "BEARER_REQUIRE=valid-token\n", "BEARER_REQUIRE (|bearer.env:3): is not a setting",
            "bearer.env has no requirement: a location that names default sets it");
}

static void bad_directory(void)
{
    char text[9000];
    profile("x.env", TWO);
    chmod(at("program/profiles"), 0777);
    refused(BASE, "the directory of profiles: |program/profiles|chmod",
            "a directory that others can write to");
    chmod(at("program/profiles"), 0755);
    chmod(at("program/profiles/x.env"), 0666);
    refused(BASE, "configuration file: |profiles/x.env|chmod", "a file that others can write to");
    chmod(at("program/profiles/x.env"), 0644);
    snprintf(text, sizeof text, BASE "BEARER_PROFILES=%s\n", at("nowhere"));
    refused(text, "BEARER_PROFILES (|bearer.env:3): there is no directory |nowhere",
            "a directory that somebody names and that is not there");
    refused(BASE "BEARER_PROFILES=profiles\n", "BEARER_PROFILES (|is not an absolute path",
            "a relative one");
    make_directory(at("elsewhere"), 0755);
    put(at("elsewhere/y.env"), TWO);
    snprintf(text, sizeof text, BASE "BEARER_PROFILES=%s/\n", at("elsewhere"));
    const struct config *config = load(text, nothing);
    ok(named(config, "y") != NULL && named(config, "x") == NULL, "another directory");
    char variable[9000];
    snprintf(variable, sizeof variable, "BEARER_PROFILES=%s", at("elsewhere"));
    char *environment[] = {variable, (char[]){"AUTH0_DOMAIN=x.eu.auth0.com"},
                           (char[]){"AUTH0_API_AUDIENCE=https://api"}, NULL};
    config = load(NULL, environment);
    ok(named(config, "y") != NULL && config->file == NULL, "with no file but those");
    for (int i = 0; i < CONFIG_PROFILES_MAX; i++) {
        put(at("elsewhere/n%d.env", i), TWO);
    }
    refused(text, "elsewhere: has 257 profiles; there may be 255", "too many of them");
    profile("x.env", NULL);
}

/* Root reads no profile of somebody else's, unless bearer.env is that one's, too. */
static void whose_files(void)
{
    profile("x.env", TWO);
    if (!needs_root("a profile of the program's owner")) {
        return;
    }
    origin.program_owner = 12345;
    if (chown(at("program/profiles/x.env"), 12345, (gid_t)-1) != 0) {
        tempdir_bail("chown");
    }
    refused(BASE, "configuration file: |profiles/x.env|belongs to", "a profile of another user");
    put(at("program/bearer.env"), BASE);
    if (chown(at("program/bearer.env"), 12345, (gid_t)-1) != 0) {
        tempdir_bail("chown");
    }
    const struct config *config = load(BASE, nothing); /* keeps the file's owner */
    ok(named(config, "x") != NULL, "where bearer.env is that user's: %s", diag.text);
    origin.program_owner = (uid_t)-1;
    unlink(at("program/bearer.env"));
    profile("x.env", NULL);
}

/* Both files are bad: each is told, and bearer.env's fault not twice. */
static void all_are_told(void)
{
    profile("x.env", TWO "BEARER_LEEWAY=x\n");
    profile("y.env", TWO "BEARER_REALM=\"a\\\"b\"\n");
    const struct config *config = load(BASE "BEARER_LEEWAY=y\n", nothing);
    const char *first = strstr(said, "bearer.env:3");
    const char *second = strstr(said, "x.env:3");
    const char *third = strstr(said, "y.env:3");
    ok(config == NULL && first != NULL && second > first && third > second &&
           strstr(first + 1, "bearer.env:3") == NULL && strstr(diag.text, "bearer.env:3") != NULL,
       "every fault of every file is told, once, and the first is the reason");
    profile("x.env", NULL);
    profile("y.env", NULL);
}

static void inheritance(void)
{
    char *environment[] = {(char[]){"BEARER_REALM=from environment"},
                           (char[]){"AUTH0_ALGORITHMS=RS256 PS256"}, NULL};
    profile("x.env", TWO);
    profile("y.env", TWO "BEARER_REALM=y\nAUTH0_ALGORITHMS=ES256\nBEARER_LEEWAY=9\n");
    const struct config *config =
        load(BASE "BEARER_JWKS_URI=https://x/keys\nBEARER_LEEWAY=7\nBEARER_LOG_LEVEL=info\n"
                  "BEARER_FORWARD_CLAIMS=a b\nBEARER_CORS_ORIGINS=*\n",
             environment);
    const struct config *x = named(config, "x");
    const struct config *y = named(config, "y");
    ok(x != NULL && y != NULL, "both are read: %s", diag.text);
    if (x == NULL || y == NULL) {
        return;
    }
    is_string(x->realm, "from environment",
              "what it does not say is default's, environment and all");
    is_number(x->leeway, 7, "and the file's");
    is_string(x->forward_claims[1].name, "b", "lists too");
    is_number(x->log_level, LOG_LEVEL_INFO, "the process's own is in each");
    is_string(x->issuer, "https://two.test/", "the issuer is its own");
    ok(x->jwks_uri == NULL && x->domain == NULL && strcmp(x->audiences[0], "two") == 0 &&
           x->audiences[1] == NULL && x->discovery_uri != NULL,
       "where keys are, domain and audience are never default's");
    is_string(y->realm, "y", "its own word counts, whatever the environment says");
    is_number(y->algs, JWA_BIT(JWA_ES256), "of algorithms too");
    is_number(y->leeway, 9, "and of numbers");
    ok(strcmp(x->values[CONFIG_BEARER_LEEWAY].file, config->file) == 0 &&
           strcmp(y->values[CONFIG_BEARER_LEEWAY].file, y->file) == 0,
       "each value knows its file");
    is_number(y->fetched_algs, JWA_BIT(JWA_ES256) | JWA_BIT(JWA_RS256) | JWA_BIT(JWA_PS256),
              "keys from one place are fetched for all that have them there");
    is_number(config->fetched_algs, config->algs, "and from another one for that alone");
    profile("x.env", NULL);
    profile("y.env", NULL);
}

/* In double quotes a requirement has its own single ones, as it is written for a web server. */
static void quoted(void)
{
    static const char text[] =
        "claim:sub='auth0|5f7c' claim:groups='Team A'|claim:groups='Nord S\xc3\xbc"
        "d' !claim:/a~1b/c~=*x";
    char lines[400];
    (void)snprintf(lines, sizeof lines, TWO "BEARER_REQUIRE=\"%s\"\n", text);
    profile("x.env", lines);
    const struct config *config = load(BASE, nothing);
    const struct config *x = config != NULL ? named(config, "x") : NULL;
    ok(x != NULL && x->require != NULL && strcmp(x->require, text) == 0,
       "a requirement with quotes: %s", diag.text);
    profile("x.env", NULL);
}

static const char *variable(char *const *environment, const char *name)
{
    const char *value = config_variable(environment, name);
    return value != NULL ? value : "not set";
}

/* A refresh of a profile has that as its default, and no other. */
static void handed_on(void)
{
    profile("x.env", TWO "AUTH0_ALGORITHMS=ES256\nBEARER_REQUIRE=scope=a\n");
    profile("y.env", TWO "AUTH0_ALGORITHMS=EdDSA\nBEARER_CA_FILE=/etc/hostname\n");
    const struct config *config = load(BASE "BEARER_LEEWAY=7\n", nothing);
    const struct config *x = named(config, "x");
    if (!ok(x != NULL && x->require_optional == false && strcmp(x->require, "scope=a") == 0,
            "a profile with a requirement of its own: %s", diag.text)) {
        return;
    }
    char **environment = config_environment(x);
    is_string(variable(environment, "AUTH0_ISSUER"), "https://two.test/", "its issuer");
    is_string(variable(environment, "AUTH0_ALGORITHMS"), "ES256", "its algorithms");
    is_string(variable(environment, "BEARER_LEEWAY"), "7", "what it has from default");
    is_string(variable(environment, "BEARER_CONFIG"), "", "no file");
    is_string(variable(environment, "BEARER_PROFILES"), "not set", "no profiles");
    is_string(variable(environment, "BEARER_REQUIRE"), "not set", "no requirement");
    config_environment_free(environment);
    profile("y.env", TWO "AUTH0_ALGORITHMS=EdDSA\nBEARER_REQUIRE=optional\n");
    config = load(BASE, nothing);
    environment = config_environment(named(config, "x"));
    is_string(variable(environment, "AUTH0_ALGORITHMS"), "ES256 EdDSA",
              "the algorithms of all whose keys come from there");
    ok(named(config, "y")->require_optional, "by its requirement nobody may pass");
    config_environment_free(environment);
    profile("x.env", NULL);
    profile("y.env", NULL);
}

int main(void)
{
    config_test_begin();
    which_files();
    bad_names();
    bad_files();
    bad_directory();
    whose_files();
    all_are_told();
    inheritance();
    quoted();
    handed_on();
    return config_test_end();
}
