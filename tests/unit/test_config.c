/* SPDX-License-Identifier: MIT */
#include "config_test.h"

#include "config/config_environment.h"
#include "config/config_load.h"

#define STRANGER 4711
#define WORKER   4712

static void defaults(void)
{
    struct config *config = load(BASE, nothing);
    ok(config != NULL, "the two required settings are enough");
    if (config == NULL) {
        printf("# %s\n", said);
        return;
    }
    is_string(said, "", "and nothing is said");
    is_string(config->file, at("program/bearer.env"), "they came from the file beside the program");
    is_string(config->issuer, "https://x.eu.auth0.com/", "the issuer has a slash at its end");
    is_string(config->jwks_uri, "https://x.eu.auth0.com/.well-known/jwks.json",
              "keys come from the domain");
    is_string(config_keys_uri(config), config->jwks_uri, "which names them");
    ok(config->jwks_file == NULL && config->discovery_uri == NULL, "and from nowhere else");
    ok(strcmp(config->audiences[0], "https://api") == 0 && config->audiences[1] == NULL,
       "one audience");
    is_number(config->algs, JWA_BIT(JWA_RS256), "RS256 alone");
    ok(config->ttl == 600 && config->max_stale == 86400 && config->cooldown == 30 &&
           config->leeway == 5,
       "times");
    ok(!config->refresh_external && config->ca_file == NULL && config->proxy == NULL,
       "refresh, CA, proxy");
    is_string(config->realm, "api", "realm");
    is_number(config->log_level, LOG_LEVEL_WARN, "log level");
    const struct config_value *value = &config->values[CONFIG_AUTH0_API_AUDIENCE];
    ok(value->source == CONFIG_FROM_FILE && value->line == 2 &&
           strcmp(value->text, "https://api") == 0,
       "where a value came from is kept");
    ok(config->values[CONFIG_BEARER_REALM].source == CONFIG_FROM_DEFAULT &&
           config->values[CONFIG_BEARER_REALM].text == NULL,
       "and that one was not given");
}

/* RFC 9864. */
static void algorithm_names(void)
{
    static const char *const rows[] = {"EdDSA", "Ed25519", "'EdDSA Ed25519'", "Ed25519,EdDSA"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, BASE "AUTH0_ALGORITHMS=%s\n", rows[i]);
        struct config *config = load(text, nothing);
        is_number(config != NULL ? config->algs : 0, JWA_BIT(JWA_EDDSA), "K3: %s is one algorithm",
                  rows[i]);
    }
}

static void everything(void)
{
    char text[20000];
    put(at("ca.pem"), "x");
    snprintf(
        text, sizeof text,
        "AUTH0_DOMAIN = 'x.eu.auth0.com'\nAUTH0_API_AUDIENCE = ' a, b c,,d "
        "'\nAUTH0_ISSUER=https://id.example:8443/r?x\n"
        "AUTH0_ALGORITHMS=\"RS256, ES256 EdDSA\"\nBEARER_JWKS_URI=https://[::1]:8443/keys?a=b\n"
        "BEARER_CACHE_DIR=/nowhere/cache//\nBEARER_REFRESH=external\nBEARER_JWKS_TTL=1\nBEARER_JWKS_MAX_STALE=1\n"
        "BEARER_JWKS_COOLDOWN=0\nBEARER_LEEWAY=300\nBEARER_CA_FILE=%s\nBEARER_PROXY=http://u:SECRET@proxy:3128\n"
        "BEARER_REALM='my "
        "api'\nBEARER_LOG_LEVEL=debug\nAUTH0_CLIENT_SECRET='${SECRET}'\nAUTH0_CLIENT_SECRET=x\nPATH=\n",
        at("ca.pem"));
    struct config *config = load(text, nothing);
    ok(config != NULL, "every setting there is, and others of a real .env");
    if (config == NULL) {
        printf("# %s\n", said);
        return;
    }
    is_string(said, "", "nothing is said, not even of those given twice that are not ours");
    is_string(config->issuer, "https://id.example:8443/r?x", "the issuer as it stands");
    is_string(config->jwks_uri, "https://[::1]:8443/keys?a=b", "the keys' URI as it stands");
    is_string(
        config->cache_dir, "/nowhere/cache",
        "the cache directory, there or not, without a slash behind it that would follow a link");
    is_string(config->ca_file, at("ca.pem"), "the CA file");
    is_string(config->proxy, "http://u:SECRET@proxy:3128", "the proxy");
    is_string(config->realm, "my api", "the realm");
    is_number(config->algs, JWA_BIT(JWA_RS256) | JWA_BIT(JWA_ES256) | JWA_BIT(JWA_EDDSA),
              "three algorithms");
    ok(config->ttl == 1 && config->max_stale == 1 && config->cooldown == 0 && config->leeway == 300,
       "times at their ends");
    ok(config->refresh_external && config->log_level == LOG_LEVEL_DEBUG, "the words");
    ok(config_has_audience(config, "a", 1) && config_has_audience(config, "c", 1) &&
           config_has_audience(config, "d", 1),
       "audiences by blanks and commas");
    ok(!config_has_audience(config, "", 0) && !config_has_audience(config, "a,", 2) &&
           !config_has_audience(config, "a\0", 2) && !config_has_audience(config, "A", 1),
       "exactly those");
}

/* Which value of which source counts. */
static void precedence(void)
{
    char *const environment[] = {(char[]){"AUTH0_DOMAIN=env.example"}, (char[]){"NOISE"},
                                 (char[]){"BEARER_REALM=two"}, NULL};
    struct config *config = load(BASE "BEARER_REALM='\\bad'\nBEARER_LEEWAY=7\n", environment);
    ok(config != NULL && strcmp(config->issuer, "https://env.example/") == 0 &&
           strcmp(config->realm, "two") == 0,
       "the environment goes before the file, which is then not judged");
    ok(config != NULL && config->leeway == 7 && strcmp(config->audiences[0], "https://api") == 0,
       "variable by variable");
    ok(config != NULL && config->values[CONFIG_AUTH0_DOMAIN].source == CONFIG_FROM_ENVIRONMENT &&
           config->values[CONFIG_BEARER_LEEWAY].source == CONFIG_FROM_FILE,
       "and it is kept which");
    char *const bad[] = {(char[]){"BEARER_LEEWAY=soon"}, NULL};
    load(BASE "BEARER_LEEWAY=7\n", bad);
    has(diag.text, "a bad one in the environment is called that",
        "BEARER_LEEWAY (environment): 'soon'", NULL);
    char *const twice[] = {(char[]){"BEARER_REALM=a"}, (char[]){"BEARER_REALM=b"}, NULL};
    ok(load(BASE, twice) == NULL, "one that is there twice with two values is refused");
    has(diag.text, "and named", "BEARER_REALM (environment)", "twice", "remove one", NULL);
    char *const same[] = {(char[]){"BEARER_REALM=a"}, (char[]){"BEARER_REALM=a"}, NULL};
    ok(load(BASE, same) != NULL, "twice the same is nothing");
    char *const empty[] = {(char[]){"AUTH0_ISSUER="}, NULL};
    ok(load(BASE, empty) == NULL, "an empty one is refused, not passed over");
    has(diag.text, "and named",
        "AUTH0_ISSUER (environment): is empty; give it a value or remove it", NULL);
    char *const control[] = {(char[]){"BEARER_REALM=a\nb"}, NULL};
    ok(load(BASE, control) == NULL, "a newline");
    has(diag.text, "has no place in a value", "BEARER_REALM (environment)",
        "control character (octet 2)", NULL);
}

#define DOMAIN "AUTH0_DOMAIN=x.eu.auth0.com\n"
#define OTHER  "AUTH0_AUDIENCE=https://api\n"

/* The same setting by its other name. */
static void second_name(void)
{
    static const struct {
        const char *file, *environment;
    } good[] = {
        {DOMAIN OTHER, NULL},
        {BASE OTHER, NULL},
        {DOMAIN OTHER "AUTH0_API_AUDIENCE = 'https://api'\n", NULL},
        {DOMAIN, "AUTH0_AUDIENCE=https://api"},
        {BASE, "AUTH0_AUDIENCE=https://api"},
        {DOMAIN OTHER, "AUTH0_API_AUDIENCE=https://api"},
        {DOMAIN "AUTH0_AUDIENCE=another\n", "AUTH0_AUDIENCE=https://api"},
        {BASE "AUTH0_AUDIENCE=another\n", "AUTH0_AUDIENCE=https://api"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char copy[80] = "NOISE=";
        char *const environment[] = {copy, NULL};
        if (good[i].environment != NULL) {
            snprintf(copy, sizeof copy, "%s", good[i].environment);
        }
        struct config *config = load(good[i].file, environment);
        ok(config != NULL && *said == '\0' && strcmp(config->audiences[0], "https://api") == 0 &&
               config->audiences[1] == NULL,
           "P2: either name, and both where they say the same (%zu)", i);
    }
    struct config *config = load(DOMAIN "AUTH0_AUDIENCE=\"a, 'b c'\"\n", nothing);
    const struct config_value *value = &config->values[CONFIG_AUTH0_API_AUDIENCE];
    ok(config_has_audience(config, "a", 1) && config_has_audience(config, "b c", 3),
       "P2: a list by its other name");
    ok(value->source == CONFIG_FROM_FILE && value->line == 2 &&
           strcmp(config_spelling(config, CONFIG_AUTH0_API_AUDIENCE), "AUTH0_AUDIENCE") == 0,
       "P2: which name it was, and where, is kept");
    char **child = config_environment(config);
    is_string(config_variable(child, "AUTH0_AUDIENCE"), "a, 'b c'", "P2: and handed on");
    ok(config_variable(child, "AUTH0_API_AUDIENCE") == NULL, "P2: by that name alone");
    config_environment_free(child);
    config = load(BASE, nothing);
    is_string(config_spelling(config, CONFIG_AUTH0_API_AUDIENCE), "AUTH0_API_AUDIENCE",
              "P2: the first name, where that was used");
    is_string(config_spelling(config, CONFIG_BEARER_REALM), "BEARER_REALM",
              "P2: and its own, where none was");
}

static void second_name_refused(void)
{
    static const char remedy[] = "keep the one that is right and remove the other";
    refused(BASE "AUTH0_AUDIENCE=https://other\n",
            "AUTH0_AUDIENCE (|env:3): is another name of AUTH0_API_AUDIENCE (/|env:2)|different "
            "values|keep the one that is right and remove the other",
            "P2: both names, two values");
    char *const one[] = {(char[]){"AUTH0_AUDIENCE=https://other"}, NULL};
    ok(load(BASE, one) == NULL, "P2: one in the environment, the other in the file");
    has(diag.text, "P2: both are named", "AUTH0_AUDIENCE (environment): ", "AUTH0_API_AUDIENCE (/",
        "env:2)", remedy, NULL);
    char *const other[] = {(char[]){"AUTH0_API_AUDIENCE=https://other"}, NULL};
    ok(load(DOMAIN OTHER, other) == NULL, "P2: the other way round");
    has(diag.text, "P2: both are named", "AUTH0_AUDIENCE (/",
        "env:2): ", "AUTH0_API_AUDIENCE (environment)", remedy, NULL);
    char *const both[] = {(char[]){"AUTH0_API_AUDIENCE=a"}, (char[]){"AUTH0_AUDIENCE=b"}, NULL};
    ok(load(DOMAIN, both) == NULL, "P2: both in the environment");
    has(diag.text, "P2: and both are named",
        "AUTH0_AUDIENCE (environment): ", "AUTH0_API_AUDIENCE (environment)", remedy, NULL);
    refused(BASE "AUTH0_AUDIENCE=\n", "AUTH0_AUDIENCE (|env:3): is empty", "P2: an empty one");
    refused(DOMAIN "AUTH0_AUDIENCE=\n", "AUTH0_AUDIENCE (|env:2): is empty", "P2: that alone");
    refused(DOMAIN "AUTH0_AUDIENCE=','\n", "AUTH0_AUDIENCE (|env:2): names nothing",
            "P2: what is wrong with a value names the name that was used");
    refused(DOMAIN OTHER OTHER, "AUTH0_AUDIENCE (|env:3): was given before, on line 2",
            "P2: twice by one name");
}

static char *variable(const char *name, const char *value)
{
    static char buffers[4][9000];
    static unsigned next;
    char *buffer = buffers[next++ % 4];
    snprintf(buffer, sizeof buffers[0], "%s=%s", name, value);
    return buffer;
}

static void which_file(void)
{
    put(at("named.env"), BASE "BEARER_REALM=named\n");
    put(at("etc/bearer.env"), BASE "BEARER_REALM=etc\n");
    char *const named[] = {variable("BEARER_CONFIG", at("named.env")), NULL};
    struct config *config = load("junk", named);
    ok(config != NULL && strcmp(config->realm, "named") == 0 &&
           strcmp(config->file, at("named.env")) == 0,
       "BEARER_CONFIG names the file, and no other is read");
    config = load(BASE "BEARER_REALM=beside\n", nothing);
    ok(config != NULL && strcmp(config->realm, "beside") == 0,
       "then comes the one beside the program");
    config = load(NULL, nothing);
    ok(config != NULL && strcmp(config->realm, "etc") == 0 &&
           strcmp(config->file, at("etc/bearer.env")) == 0,
       "then the system's");
    unlink(at("etc/bearer.env"));
    ok(load(NULL, nothing) == NULL, "none at all");
    has(diag.text, "is said as what is missing", "AUTH0_DOMAIN: is not set", "example.eu.auth0.com",
        "AUTH0_ISSUER", NULL);
    has(said, "all that is missing", "E AUTH0_API_AUDIENCE: AUTH0_API_AUDIENCE: is not set",
        "https://api.example.com", NULL);

    char *const empty[] = {variable("BEARER_CONFIG", ""), (char[]){"AUTH0_DOMAIN=x.example"},
                           (char[]){"AUTH0_API_AUDIENCE=a"}, NULL};
    config = load("junk", empty);
    ok(config != NULL && config->file == NULL, "an empty BEARER_CONFIG: no file is read");
    char *const gone[] = {variable("BEARER_CONFIG", at("gone.env")), NULL};
    ok(load(BASE, gone) == NULL, "one that names a missing file");
    has(diag.text, "is an error with a remedy", "BEARER_CONFIG (environment)", at("gone.env"),
        "make it, or unset", NULL);
    char *const relative[] = {variable("BEARER_CONFIG", "bearer.env"), NULL};
    ok(load(BASE, relative) == NULL, "a relative one too");
    has(diag.text, "that says what to write", "BEARER_CONFIG", "absolute path", "begins with /",
        NULL);

    put_bytes(at("named.env"), BASE, strlen(BASE), 0666);
    ok(load(NULL, named) == NULL, "a file that others can write is not read");
    has(diag.text, "and the remedy given", "chmod go-w", at("named.env"), NULL);
    is_string(strchr(said, '\n') + 1, "", "nothing is said to be missing that may stand in it");
    put(at("program/bearer.env"), BASE);
    put(at("etc/bearer.env"), BASE);
    chmod(at("program/bearer.env"), 0666);
    origin.environment = nothing;
    ok(config_load(&origin, NULL, &diag) == NULL &&
           strstr(diag.text, at("program/bearer.env")) != NULL,
       "nor is the next one read instead");
    unlink(at("etc/bearer.env"));
    unlink(at("program/bearer.env"));

    char *home = origin.program_dir;
    origin.program_dir = (char[]){"relative"};
    ok(load(NULL, nothing) == NULL, "a relative BEARER_HOME");
    has(diag.text, "is an error", "BEARER_HOME (environment): 'relative' is not an absolute path",
        NULL);
    origin.program_dir = home;
}

static void names(void)
{
    refused(BASE "BEARER_JWKS_TLL=5\n",
            "BEARER_JWKS_TLL (|/program/bearer.env:3): |did you mean BEARER_JWKS_TTL?",
            "a mistyped name");
    refused(BASE "bearer_realm=SECRET\n", "bearer_realm|did you mean BEARER_REALM?",
            "the wrong case");
    refused(BASE "BEARER_TTL=5\n", "did you mean BEARER_JWKS_TTL?", "half a name");
    refused(BASE "BEARER_ISSUER=SECRET\n", "is not a setting|did you mean AUTH0_ISSUER?",
            "the other prefix");
    refused(BASE "BEARER_REQUIRE=valid-token\n",
            "BEARER_REQUIRE (|env:3)|is not a setting|for each location",
            "BEARER_REQUIRE as a setting would go unheeded");
    refused(BASE "BEARER_SUB=x\n", "BEARER_SUB (|env:3)|is not a setting",
            "so would what an authorizer says");
    refused(BASE "BEARER_ROLE=denied\n", "BEARER_ROLE (|'denied'|auto|authorizer|deny",
            "a role that is none");
    refused(BASE "BEARER_FORWARD_CLAIMS=,\n", "BEARER_FORWARD_CLAIMS (|names nothing",
            "no claims to hand on");
    refused(BASE "BEARER_=SECRET\n", "BEARER_ (", "nor the prefix alone");
    refused(BASE "BEARER_HOME=/x\n", "BEARER_HOME (|env:3)|in the environment of the program",
            "BEARER_HOME in the file");
    refused(BASE "BEARER_CONFIG=/x\n", "BEARER_CONFIG (|env:3)", "BEARER_CONFIG in the file");
    refused("AUTH0_DOMAIN=y.example\n" BASE,
            "AUTH0_DOMAIN (|/program/bearer.env:2)|on line 1; remove one of the two",
            "a name given twice");
    refused(BASE "SECRET\n", "/program/bearer.env, line 3: no '='", "a line that is none");
    refused(BASE "FOO=\"SECRET\n", "/program/bearer.env, line 3: the quote is not closed",
            "a quote left open");
    refused(BASE "BEARER_REALM=${X}\n", "BEARER_REALM|env:3|not expanded|single quotes",
            "what looks like a variable");

    char *const unknown[] = {(char[]){"BEARER_REQIRE=SECRET"}, NULL};
    ok(load(BASE, unknown) == NULL && strstr(said, "SECRET") == NULL,
       "an unknown BEARER_ name in the environment");
    has(diag.text, "is refused like one in the file", "BEARER_REQIRE (environment)",
        "did you mean BEARER_REQUIRE?", NULL);
    char *const other[] = {(char[]){"HTTP_BEARER_REALM=x"}, (char[]){"REDIRECT_BEARER_REQUIRE=x"},
                           (char[]){"AUTH0_CLIENT_ID=x"}, NULL};
    ok(load(BASE "AUTH0_CLIENT_SECRET=x\nAPP_SECRET_KEY=y\nlower=z\n", other) != NULL,
       "other names are ignored");
    is_string(said, "", "without a word");
    ok(load(BASE "AUTH0_ALGORITHM=SECRET\n", nothing) != NULL && strstr(said, "SECRET") == NULL,
       "one that is nearly ours");
    has(said, "with a warning", "W AUTH0_ALGORITHM: ", "env:3",
        "ignored; did you mean AUTH0_ALGORITHMS?", NULL);

    ok(load(BASE "BEARER_A=1\nBEARER_LEEWAY=x\nAUTH0_ALGORITHMS=HS256\n", nothing) == NULL,
       "several errors");
    has(said, "are all said", "E BEARER_A: ", "E BEARER_LEEWAY: ", "E AUTH0_ALGORITHMS: ", NULL);
    has(diag.text, "the first of them to who asks for one", "BEARER_A (", NULL);

    is_number(config_kind("BEARER_REALM", 12), CONFIG_KIND_SETTING, "a setting");
    is_number(config_kind("BEARER_HOMEX", 11), CONFIG_KIND_PROCESS, "of the process only");
    is_number(config_kind("BEARER_REAL", 11), CONFIG_KIND_UNKNOWN, "neither");
    is_string(config_nearest("BEARER_LEWAYX", 12), "BEARER_LEEWAY", "the nearest name");
    is_string(config_nearest("BEARER_TOKEN_CACHE", 18), "BEARER_TOKEN_CACHE_BYTES",
              "D9: one that begins so, where none is near");
    is_string(config_nearest("SOMETHING_ELSE", 14), NULL, "or none");
    is_string(config_nearest("", 0), NULL, "nothing is near nothing");
    is_string(config_name(CONFIG_BEARER_LOG_LEVEL), "BEARER_LOG_LEVEL", "a name by index");
}

static void cache_directory(void)
{
    char *const xdg[] = {(char[]){"XDG_CACHE_HOME=/xdg"}, (char[]){"HOME=/home/x"}, NULL};
    char *const home[] = {(char[]){"XDG_CACHE_HOME=relative"}, (char[]){"HOME=/home/x"}, NULL};
    make_directory(at("cache"), 0700);
    char cache[8300];
    snprintf(cache, sizeof cache, "%s", at("cache"));
    origin.cache_dir = cache;
    struct config *config = load(BASE, xdg);
    is_string(config != NULL ? config->cache_dir : said, at("cache"),
              "the system's directory if it is ours");
    chmod(at("cache"), 0770);
    config = load(BASE, xdg);
    is_string(config != NULL ? config->cache_dir : said, "/xdg/fcgi-bearer",
              "if no other can write it; else XDG's");
    config = load(BASE, home);
    is_string(config != NULL ? config->cache_dir : said, "/home/x/.cache/fcgi-bearer",
              "if absolute; else that of HOME");
    config = load(BASE, nothing);
    ok(config != NULL && (config->cache_dir == NULL ||
                          (config->cache_dir[0] == '/' &&
                           strstr(config->cache_dir, "/.cache/fcgi-bearer") != NULL)),
       "without HOME, that of the user's entry");
    chmod(at("cache"), 0700);
    char link[8300];
    if (symlink("cache", at("cachelink")) == 0) {
        snprintf(link, sizeof link, "%s", at("cachelink"));
        origin.cache_dir = link;
        config = load(BASE, xdg);
        is_string(config != NULL ? config->cache_dir : said, "/xdg/fcgi-bearer",
                  "a link is not taken");
    }
    origin.cache_dir = cache;
    if (needs_root("a cache directory of another user")) {
        ok(chown(at("cache"), STRANGER, STRANGER) == 0, "a directory of the workers");
        config = load(BASE, xdg);
        is_string(config != NULL ? config->cache_dir : said, "/xdg/fcgi-bearer", "is not root's");
        origin.any_cache_owner = true;
        config = load(BASE, xdg);
        is_string(config != NULL ? config->cache_dir : said, at("cache"),
                  "unless root refreshes for them");
        put(at("program/bearer.env"), BASE);
        origin.environment = xdg;
        become(WORKER);
        config = config_load(&origin, NULL, NULL);
        become(0);
        is_string(config != NULL ? config->cache_dir : NULL, "/xdg/fcgi-bearer",
                  "who is no root gets no other's");
        config_free(config);
        origin.any_cache_owner = false;
    }
    origin.cache_dir = NULL;
}

static void owners(void)
{
    if (!needs_root("files of other users")) {
        return;
    }
    put(at("owner.env"), BASE);
    char *const named[] = {variable("BEARER_CONFIG", at("owner.env")), (char[]){"HOME=/h"}, NULL};
    load(NULL, named);
    origin.environment = named;
    become(WORKER);
    struct config *config = config_load(&origin, NULL, &diag);
    become(0);
    ok(config != NULL, "a worker reads root's file");
    config_free(config);
    ok(chown(at("owner.env"), STRANGER, STRANGER) == 0 && load(NULL, named) == NULL,
       "nobody a stranger's");
    has(diag.text, "and the remedy is given", "chown root", at("owner.env"), NULL);
    origin.program_owner = STRANGER;
    ok(load(NULL, named) != NULL, "unless the program is that stranger's too");
    origin.program_owner = (uid_t)-1;
}

static void handed_on(void)
{
    char *const environment[] = {(char[]){"SECRET=x"}, (char[]){"HOME=/home/x"},
                                 (char[]){"PATH=/evil"}, (char[]){"BEARER_LEEWAY=9"}, NULL};
    struct config *config = load(BASE "BEARER_REALM='a b'\nOTHER=SECRET\n", environment);
    char **made = config != NULL ? config_environment(config) : NULL;
    char all[4096] = "";
    for (size_t i = 0; made != NULL && made[i] != NULL; i++) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s\n", made[i]);
    }
    char expected[4096];
    snprintf(
        expected, sizeof expected,
        "PATH=/usr/local/bin:/usr/bin:/bin\nLANG=C.UTF-8\nBEARER_CONFIG=\nBEARER_HOME=%s\nAUTH0_DOMAIN=x.eu.auth0.com\n"
        "AUTH0_API_AUDIENCE=https://api\nBEARER_CACHE_DIR=/home/x/.cache/fcgi-bearer\nBEARER_LEEWAY=9\n"
        "BEARER_REALM=a b\n",
        origin.program_dir);
    is_string(all, expected,
              "the environment of a child: our settings and nothing of the parent's");
    config = load("junk", made);
    ok(config != NULL && config->file == NULL && strcmp(config->realm, "a b") == 0 &&
           config->leeway == 9 && strcmp(config->cache_dir, "/home/x/.cache/fcgi-bearer") == 0,
       "which gives the same configuration without a file");
    config_environment_free(made);
    config_environment_free(NULL);
    config_free(NULL);
}

static void of_the_process(void)
{
    struct config_origin self;
    struct stat st = {0};
    char exe[4096] = "";
    config_origin_self(&self, nothing);
    ok(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0 && stat(exe, &st) == 0, "this program");
    *strrchr(exe, '/') = '\0';
    is_string(self.program_dir, exe, "lies in a directory");
    is_number(self.program_owner, st.st_uid, "and has an owner");
    has(self.sysconf_file, "the compiled-in file", "/fcgi-bearer/bearer.env", NULL);
    has(self.cache_dir, "the compiled-in cache", "/cache/fcgi-bearer", NULL);
    ok(!self.any_cache_owner, "no other's cache");
    config_origin_clear(&self);
    ok(self.program_dir == NULL, "nothing is left");
    char *const loader[] = {(char[]){"BEARER_HOME=/srv/program"}, NULL};
    config_origin_self(&self, loader);
    is_string(self.program_dir, "/srv/program",
              "BEARER_HOME names it for one that a loader starts");
    config_origin_clear(&self);
}

int main(void)
{
    config_test_begin();
    defaults();
    everything();
    algorithm_names();
    precedence();
    second_name();
    second_name_refused();
    which_file();
    names();
    cache_directory();
    owners();
    handed_on();
    of_the_process();
    return config_test_end();
}
