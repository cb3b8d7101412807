/* SPDX-License-Identifier: MIT */
/* Memory that runs out where no library but json-c is asked, and files that cannot be looked at:
 * each call fails in turn, alone and with all after it. What comes of it is a refusal or the whole,
 * never a part, and nothing is lost. */
#include <pwd.h>

#include "../support/failing.h"
#include "config/config_environment.h"
#include "config_test.h"
#include "config/config_load.h"
#include "jose/jwk.h"
#include "json/json.h"
#include "token/token.h"

/* What a scenario comes to. */
enum end { REFUSED, WHOLE, WRONG };

/* Runs it with each allocation failing; there must be at least so many. AddressSanitizer's strdup()
 * and its like are its own: they neither fail nor count, though what they return is released like
 * all else. */
static void each_call_fails(enum failing_kind kind, enum end (*scenario)(void), unsigned long least,
                            const char *name)
{
    unsigned long wrong = scenario() != WHOLE ? 1 : 0; /* what libraries make once is made */
    unsigned long refusals = 0;
    unsigned long calls = 0;
    for (int onwards = 0; onwards < 2; onwards++) {
        bool reached = true;
        for (failing->nth = 1; reached; failing->nth++) {
            long blocks = failing->blocks;
            failing->calls = 0;
            failing->onwards = onwards == 1;
            failing->kind = kind;
            enum end end = scenario();
            failing->kind = FAILING_NOTHING;
            calls = failing->calls;
            reached = calls >= failing->nth;
            refusals += end == REFUSED;
            if (end == WRONG || (end == REFUSED && !reached) || failing->blocks > blocks) {
                printf("# call %lu: %d, %ld lost\n", failing->nth, (int)end,
                       failing->blocks - blocks);
                wrong++;
            }
        }
    }
    ok(wrong == 0 && calls >= least, "%s: refused or whole, whichever of %lu calls fails", name,
       calls);
    ok(refusals > 0, "and refused at least once");
}

static void each_fails(enum end (*scenario)(void), unsigned long least, const char *name)
{
    each_call_fails(FAILING_MEMORY, scenario, least, name);
}

static struct config *loaded;

static enum end load_config(void)
{
    struct diag said_first = {""};
    struct config *config = config_load(&origin, NULL, &said_first);
    enum end end = said_first.text[0] != '\0' ? REFUSED : WRONG; /* never without a word */
    if (config != NULL) {
        bool same = strcmp(config->issuer, "https://x.example/") == 0 &&
                    strcmp(config->realm, "r") == 0 && strcmp(config->audiences[0], "a") == 0 &&
                    strcmp(config->audiences[1], "b") == 0 && config->audiences[2] == NULL &&
                    strcmp(config->forward_claims[0].name, "email") == 0 &&
                    strcmp(config->proxy, "http://p:1") == 0 && config->ca_file != NULL &&
                    config->file != NULL && config->program_dir != NULL &&
                    strcmp(config->jwks_uri, "https://x.example/.well-known/jwks.json") == 0;
        end = same ? WHOLE : WRONG;
    }
    config_free(config);
    return end;
}

static enum end load_discovery(void)
{
    struct diag said_first = {""};
    struct config *config = config_load(&origin, NULL, &said_first);
    enum end end = said_first.text[0] != '\0' ? REFUSED : WRONG;
    if (config != NULL) {
        end = config->discovery_uri != NULL && strcmp(config->issuer, "https://id.example/x") == 0
                  ? WHOLE
                  : WRONG;
    }
    config_free(config);
    return end;
}

static enum end load_keys_file(void)
{
    struct diag said_first = {""};
    struct config *config = config_load(&origin, NULL, &said_first);
    enum end end = said_first.text[0] != '\0' ? REFUSED : WRONG;
    if (config != NULL) {
        end =
            config->jwks_file != NULL && strcmp(config->jwks_file, at("link")) == 0 ? WHOLE : WRONG;
    }
    config_free(config);
    return end;
}

/* With a profile: all of it, or nothing. */
static enum end load_profiles(void)
{
    struct diag said_first = {""};
    struct config *config = config_load(&origin, NULL, &said_first);
    enum end end = said_first.text[0] != '\0' ? REFUSED : WRONG;
    const struct config *next = config != NULL ? config->next : NULL;
    if (config != NULL) {
        bool same = next != NULL && next->next == NULL && strcmp(next->profile, "two") == 0 &&
                    strcmp(next->issuer, "https://two.example/") == 0 &&
                    strcmp(next->realm, "r") == 0 && strcmp(next->proxy, "http://p:1") == 0 &&
                    strcmp(next->cache_dir, "/c") == 0 && next->ca_file != NULL &&
                    strcmp(next->require, "scope=a") == 0 && next->jwks_uri == NULL &&
                    next->values[CONFIG_BEARER_REALM].text != NULL;
        end = same ? WHOLE : WRONG;
    }
    config_free(config);
    return end;
}

static enum end hand_on(void)
{
    char **made = config_environment(loaded);
    size_t count = 0;
    while (made != NULL && made[count] != NULL) {
        count++;
    }
    config_environment_free(made);
    return made == NULL ? REFUSED : count == 7 ? WHOLE : WRONG;
}

static void configurations(void)
{
    static char environment_keys[9000];
    char *const discovery[] = {(char[]){"BEARER_CONFIG="},
                               (char[]){"AUTH0_ISSUER=https://id.example/x"},
                               (char[]){"AUTH0_API_AUDIENCE=a"}, (char[]){"HOME=/h"}, NULL};
    char *const keys[] = {(char[]){"BEARER_CONFIG="},
                          (char[]){"AUTH0_ISSUER=name"},
                          (char[]){"AUTH0_API_AUDIENCE=a"},
                          (char[]){"HOME=/h"},
                          environment_keys,
                          NULL};
    char text[9000];
    put(at("ca.pem"), "x");
    put(at("keys"), "{}");
    snprintf(text, sizeof text,
             "AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE='a "
             "b'\nBEARER_REALM=r\nBEARER_PROXY=http://p:1\n"
             "BEARER_CORS_ORIGINS='https://a.example https://b.example'\nBEARER_DOCS=/ui\n"
             "BEARER_FORWARD_CLAIMS=email\nBEARER_CA_FILE=%s\nBEARER_CACHE_DIR=/c\n",
             at("ca.pem"));
    put(at("program/bearer.env"), text);
    origin.environment = nothing;
    each_fails(load_config, 20, "a configuration");
    make_directory(at("program/profiles"), 0755);
    put(at("program/profiles/two.env"),
        "AUTH0_ISSUER=https://two.example/\nAUTH0_API_AUDIENCE=a\nBEARER_REQUIRE=scope=a\n");
    each_fails(load_profiles, 40, "one with a profile");
    each_call_fails(FAILING_OPEN, load_profiles, 4, "the same, when files cannot be opened");
    each_call_fails(FAILING_READ, load_profiles, 2, "the same, when they cannot be read");
    each_call_fails(FAILING_STAT, load_profiles, 4, "the same, when they cannot be looked at");
    unlink(at("program/profiles/two.env"));
    rmdir(at("program/profiles"));
    origin.environment = discovery;
    each_fails(load_discovery, 5, "one whose keys are to be discovered");
    loaded = config_load(&origin, NULL, NULL);
    each_fails(hand_on, 8, "the environment of a child");
    config_free(loaded);
    if (symlink("keys", at("link")) != 0) {
        tempdir_bail("symlink");
    }
    snprintf(environment_keys, sizeof environment_keys, "BEARER_JWKS_URI=file://%s", at("link"));
    origin.environment = keys;
    each_fails(load_keys_file, 5, "one with keys from a file, by way of a link");
    each_call_fails(FAILING_STAT, load_keys_file, 4, "the same, when files cannot be looked at");
    origin.environment = nothing;
}

/* RFC 8037, appendix A.2. */
#define ED25519_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

static struct json_object *document;
static struct jwk *member; /* what is in it */

static enum end public_members(void)
{
    size_t length = 0;
    struct json_object *made = jwk_public_members(document, member);
    char *text = made != NULL ? js_text(made, &length) : NULL;
    enum end end =
        text == NULL ? REFUSED
        : strcmp(
              text,
              "{\"kty\":\"OKP\",\"kid\":\"k\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"key_ops\":[\"verify\"],"
              "\"crv\":\"Ed25519\",\"x\":\"" ED25519_X "\"}") == 0
            ? WHOLE
            : WRONG;
    free(text);
    js_free(made);
    return end;
}

static enum bearer_code no_key(void *context, const struct key_query *query, const struct jwk **key)
{
    (void)context;
    (void)query;
    *key = NULL;
    return BEARER_KID_UNKNOWN;
}

static enum key_outlook open_outlook(void *context, int64_t now)
{
    (void)context;
    (void)now;
    return OUTLOOK_OPEN;
}

static void no_renewal(void *context, int64_t now)
{
    (void)context;
    (void)now;
}

/* {"alg":"RS256","kid":"k"} . {} . an octet: there is no such key, unless memory runs out before
 * that is known. */
static enum end unknown_key(void)
{
    static const char text[] = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.AA";
    static const struct key_source source = {
        .find = no_key, .outlook = open_outlook, .renew = no_renewal};
    struct header_memo memo = {.length = 0};
    struct token token;
    enum bearer_code code = token_verify(loaded, &source, &memo, text, sizeof text - 1, 1, &token);
    bool empty = token.claims == NULL && token.payload == NULL;
    token_clear(&token);
    return !empty                       ? WRONG
           : code == BEARER_KID_UNKNOWN ? WHOLE
           : code == BEARER_DENIED      ? REFUSED
                                        : WRONG;
}

static void others(void)
{
    static const char members[] =
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"use\":\"sig\",\"alg\":\"Ed25519\","
        "\"key_ops\":[\"verify\",\"x\"],\"x\":\"" ED25519_X "\",\"d\":\"secret\"}";
    document = js_parse(members, sizeof members - 1, NULL);
    is_number(jwk_import(document, JWA_ALL, &member), JWK_ELIGIBLE, "a key");
    each_fails(public_members, 10, "the public members of a key");
    jwk_free(member);
    js_free(document);
    char *const environment[] = {(char[]){"BEARER_CONFIG="}, (char[]){"AUTH0_DOMAIN=x.example"},
                                 (char[]){"AUTH0_API_AUDIENCE=a"}, NULL};
    origin.environment = environment;
    loaded = config_load(&origin, NULL, NULL);
    each_fails(unknown_key, 5, "a token, up to its key");
    config_free(loaded);
    origin.environment = nothing;
}

int main(void)
{
    config_test_begin();
    (void)getpwuid(geteuid()); /* the C library keeps what it loads for that */
    configurations();
    others();
    return config_test_end();
}
