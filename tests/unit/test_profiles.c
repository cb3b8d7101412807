/* SPDX-License-Identifier: MIT */
/* Several issuers behind one process: which profile judges a token, and that no token, key or
 * requirement of one counts with another. The rows with a number are hostile cases (tests/README.md),
 * asked at an endpoint and at a guard, with a memory for tokens and without. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cases/issuers.h"
#include "../support/failing.h"
#include "keys.h"
#include "app_test.h"
#include "tap.h"
#include "tempdir.h"

static struct test_key *keys[SIGNERS];

static struct said {
    char bytes[65536];
    size_t length;
} answered, logged;

static void collect(void *context, const char *bytes, size_t length)
{
    struct said *said = context;
    const size_t room = sizeof said->bytes - said->length - 1;
    length = length < room ? length : room;
    memcpy(said->bytes + said->length, bytes, length);
    said->length += length;
    said->bytes[said->length] = '\0';
}

/* The member that binds a key; the caller's. */
static char *text_of_issuer(const char *issuer)
{
    char *text = NULL;
    if (asprintf(&text, "\"issuer\":\"%s\",", issuer) < 0) {
        tempdir_bail("memory ran out");
    }
    return text;
}

static void write_files(const char *memory)
{
    static const char *const names[] = {"one", "two"};
    static const struct {
        const char *name, *text;
        int keys;
    } files[] = {
        {"two", "AUTH0_ISSUER=" TWO "\nAUTH0_API_AUDIENCE=api\nBEARER_REALM=two\n", BY_TWO},
        {"twin", "AUTH0_ISSUER=" TWO "\nAUTH0_API_AUDIENCE=other\n", BY_TWO},
        {"own", "AUTH0_ISSUER=" TWO "\nAUTH0_API_AUDIENCE=api\nBEARER_REQUIRE=scope=a\n", BY_TWO},
        {"also", "AUTH0_ISSUER=" ONE "\nAUTH0_API_AUDIENCE=api\nBEARER_REQUIRE=scope=b\n", BY_ONE},
        {"free", "AUTH0_ISSUER=" ONE "\nAUTH0_API_AUDIENCE=api\nBEARER_REQUIRE=optional\n", BY_ONE},
        {"free-too", "AUTH0_ISSUER=" TWO "\nAUTH0_API_AUDIENCE=api\nBEARER_REQUIRE=optional\n",
         BY_TWO},
        {"unkeyed", "AUTH0_ISSUER=https://unkeyed.test/\nAUTH0_API_AUDIENCE=api\n", BY_NOBODY},
    };
    char text[9000];
    for (int i = BY_ONE; i <= BY_TWO; i++) {
        /* Beside its own key the other's, of the same kid and bound to the other: as if it were not
         * there. */
        char *bound = text_of_issuer(i == BY_ONE ? TWO : ONE);
        char *jwks[] = {test_key_jwk(keys[i]),
                        test_key_jwk_with(keys[i == BY_ONE ? BY_TWO : BY_ONE], bound)};
        char *document = test_jwks(jwks, 2);
        free(bound);
        put(at("%s.json", names[i]), document);
        free(document);
    }
    snprintf(text, sizeof text,
             "AUTH0_ISSUER=" ONE "\nAUTH0_API_AUDIENCE=api\nAUTH0_ALGORITHMS=EdDSA\n"
             "BEARER_JWKS_URI=file://%s\nBEARER_LOG_LEVEL=debug\nBEARER_REALM=one\n"
             "BEARER_REFRESH=external\nBEARER_TOKEN_CACHE_BYTES=%s\nBEARER_CACHE_DIR=%s\n",
             at("one.json"), memory, at("cache"));
    put(at("program/bearer.env"), text);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char uri[8300];
        snprintf(uri, sizeof uri, "file://%s",
                 at("%s.json", names[files[i].keys == BY_TWO ? 1 : 0]));
        snprintf(text, sizeof text, "%sBEARER_JWKS_URI=%s\n", files[i].text,
                 files[i].keys == BY_NOBODY ? "https://unkeyed.test/keys" : uri);
        put(at("program/profiles/%s.env", files[i].name), text);
    }
}

static char *const environment[] = {NULL};

static void start(const char *memory)
{
    static char folder[8300];
    write_files(memory);
    snprintf(folder, sizeof folder, "%s", at("program"));
    app.guard =
        (struct guard){.log = {.level = LOG_LEVEL_INFO, .write = collect, .context = &logged},
                       .live = {.may_keep = true,
                                .log = &app.guard.log,
                                .origin = {.environment = environment,
                                           .program_dir = folder,
                                           .program_owner = (uid_t)-1}}};
    live_begin(&app.guard.live);
    if (app.guard.live.profiles == NULL) {
        tempdir_bail(app.guard.live.config_error.text);
    }
}

/* What a location passes; NULL: not. */
struct location {
    const char *role, *profile, *require;
};

static void param(char **params, size_t *used, const char *name, const char *value)
{
    static char text[8][8192];
    if (value != NULL) {
        snprintf(text[*used], sizeof text[0], "%s=%s", name, value);
        params[*used] = text[*used];
        (*used)++;
    }
}

/* Asks, and says what came of it: "200", or the reason in the log. */
static const char *ask(const struct location *location, const char *token)
{
    static char reason[80];
    static char credentials[20000];
    char *params[12] = {(char[]){"REQUEST_METHOD=GET"}, (char[]){"PATH_INFO=/private"}};
    size_t used = 2;
    const struct sink out = {collect, &answered};
    const struct sink err = {collect, &logged};
    answered = (struct said){.length = 0};
    logged = (struct said){.length = 0};
    app.guard.denials = (struct denials){0}; /* so that each has its line */
    param(params, &used, "BEARER_ROLE", location->role);
    param(params, &used, "BEARER_PROFILE", location->profile);
    param(params, &used, "BEARER_REQUIRE", location->require);
    if (token != NULL) {
        snprintf(credentials, sizeof credentials, "HTTP_AUTHORIZATION=Bearer %s", token);
        params[used] = credentials;
    }
    app_ask(params, &out, &err);
    const char *denied = strstr(logged.bytes, "denied status=");
    const char *word = denied != NULL ? strstr(denied, "reason=") : NULL;
    if (strncmp(answered.bytes, "Status: 200", 11) == 0 && denied == NULL) {
        return "200";
    }
    snprintf(reason, sizeof reason, "%.*s", word != NULL ? (int)strcspn(word + 7, " ") : 0,
             word != NULL ? word + 7 : "");
    return reason;
}

static void expect(const struct location *location, const char *token, const char *expected,
                   const char *test)
{
    const char *got = ask(location, token);
    if (!ok(strcmp(got, expected) == 0, "%s", test)) {
        printf("# got '%s', expected '%s'\n# %s\n# %s\n", got, expected, logged.bytes,
               answered.bytes);
    }
}

static char *sign(enum signer signer, const char *claims)
{
    return test_key_sign(keys[signer], JWA_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}", claims);
}

/* --- Which profile, and which requirement. */

static void choosing(void)
{
    /* The token is one's with scope b, two's with scope a, or none. */
    static const struct {
        struct location at;
        enum signer token;
        const char *expected, *said, *test;
    } rows[] = {
        {{NULL, NULL, NULL}, BY_ONE, "200", "", "an endpoint that names none: default"},
        {{NULL, NULL, NULL}, BY_TWO, "signature", "", "  and no other"},
        {{NULL, "two", NULL}, BY_TWO, "200", "", "an endpoint that names another one"},
        {{NULL, "two", NULL}, BY_ONE, "signature", "", "  is not default's any more"},
        {{NULL, "default two", NULL}, BY_ONE, "200", "", "two of them: the first"},
        {{NULL, " two  default ", NULL}, BY_TWO, "200", "", "two of them: the other"},
        {{NULL, "default two", NULL}, BY_NOBODY, "no-credentials", "", "nobody"},
        {{NULL, "default", "scope=b"}, BY_ONE, "200", "", "with a requirement"},
        {{NULL, "default two", "scope=b"}, BY_TWO, "not-granted", "", "it is for all of them"},
        {{NULL, "own", NULL}, BY_TWO, "200", "", "a profile's requirement is none of endpoints"},
        {{NULL, "also", NULL}, BY_ONE, "200", "", "  whatever it says"},
        {{NULL, "free", NULL}, BY_NOBODY, "no-credentials", "", "  and opens none"},
        {{NULL, "", NULL}, BY_ONE, "misconfigured", "BEARER_PROFILE: is empty", "empty"},
        {{NULL, "  ", NULL}, BY_ONE, "misconfigured", "BEARER_PROFILE: is empty", "only spaces"},
        {{NULL, "three", NULL},
         BY_ONE,
         "misconfigured",
         "BEARER_PROFILE: there is no profile 'three'; there are default, also, free, free-too, "
         "own, twin, two, unkeyed (",
         "one that there is not"},
        {{NULL, "Default", NULL}, BY_ONE, "misconfigured", "no profile 'Default'", "another case"},
        {{NULL, "default,two", NULL},
         BY_ONE,
         "misconfigured",
         "no profile 'default,two'",
         "a comma"},
        {{NULL, "default\ttwo", NULL}, BY_ONE, "misconfigured", "'default\\x09two'", "a tab"},
        {{NULL, "tw", NULL}, BY_ONE, "misconfigured", "no profile 'tw'", "the beginning of one"},
        {{NULL, "two.env", NULL}, BY_ONE, "misconfigured", "no profile 'two.env'", "its file"},
        {{NULL, "two two", NULL}, BY_TWO, "misconfigured", "names the profile two twice", "twice"},
        {{NULL, "two twin", NULL},
         BY_TWO,
         "misconfigured",
         "the profile twin and another one that is named have the same issuer, " TWO,
         "two of one issuer"},
        {{NULL, "default two also", NULL},
         BY_TWO,
         "misconfigured",
         "the profile also and another",
         "the third is of the first's issuer"},

        {{"authorizer", NULL, "valid-token"},
         BY_ONE,
         "misconfigured",
         "a guarded location without BEARER_PROFILE, while there are 8 profiles",
         "a guard has to name it"},
        {{"authorizer", "default", "valid-token"}, BY_ONE, "200", "", "as it does here"},
        {{"authorizer", "default", "scope=a"}, BY_ONE, "not-granted", "", "with a requirement"},
        {{"authorizer", "default two", "scope=a|scope=b"}, BY_TWO, "200", "", "two of them"},
        {{"authorizer", "own", NULL}, BY_TWO, "200", "", "the profile's own requirement: met"},
        {{"authorizer", "also own", NULL}, BY_ONE, "200", "", "each has its own: the first's"},
        {{"authorizer", "also own", NULL}, BY_TWO, "200", "", "each has its own: the other's"},
        {{"authorizer", "also own", NULL}, BY_NOBODY, "no-credentials", "", "nobody"},
        {{"authorizer", "default", NULL},
         BY_ONE,
         "misconfigured",
         "a guarded location without BEARER_REQUIRE",
         "neither location nor profile says it"},
        {{"authorizer", "own", "valid-token"},
         BY_TWO,
         "misconfigured",
         "BEARER_REQUIRE is set for the location and in own.env too",
         "both say it"},
        {{"authorizer", "default own", "valid-token"},
         BY_ONE,
         "misconfigured",
         "in own.env too",
         "both say it, though the token is another's"},
        {{"authorizer", "default own", NULL},
         BY_TWO,
         "misconfigured",
         "the profile own of a guarded location has a BEARER_REQUIRE of its own and default has "
         "none",
         "one says it and one does not"},
        {{"authorizer", "own", ""},
         BY_TWO,
         "misconfigured",
         "in own.env too",
         "an empty one counts"},
        {{"authorizer", "default", ""},
         BY_ONE,
         "misconfigured",
         "BEARER_REQUIRE: empty",
         "an empty one is none"},
        {{"authorizer", "free", NULL}, BY_NOBODY, "200", "", "its own lets nobody pass"},
        {{"authorizer", "free free-too", NULL}, BY_NOBODY, "200", "", "all let nobody pass"},
        {{"authorizer", "free free-too", NULL}, BY_TWO, "200", "", "  and somebody"},
        {{"authorizer", "free own", NULL},
         BY_NOBODY,
         "misconfigured",
         "do not agree on whether nobody may pass",
         "one does and one does not"},
        {{"deny", "own", NULL}, BY_TWO, "would-allow", "", "role deny: as the guard"},
        {{"deny", "default", "scope=a"}, BY_ONE, "not-granted", "", "role deny: a denial"},
        {{"deny", NULL, "scope=a"},
         BY_ONE,
         "misconfigured",
         "without BEARER_PROFILE",
         "role deny has to name it too"},
    };
    char *tokens[] = {sign(BY_ONE, BODY("\"" ONE "\"", "api", ",\"scope\":\"b\"")),
                      sign(BY_TWO, BODY("\"" TWO "\"", "api", ",\"scope\":\"a\"")), NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(&rows[i].at, tokens[rows[i].token], rows[i].expected, rows[i].test);
        if (rows[i].said[0] != '\0') {
            has(logged.bytes, "  and the log says why", rows[i].said, NULL);
        }
    }
    free(tokens[0]);
    free(tokens[1]);
}

/* What a client is told is the profile's: of who decides, else of the first. */
static void challenges(void)
{
    const struct location both = {NULL, "two default", NULL};
    char *expired = sign(BY_ONE, "{\"iss\":\"" ONE "\",\"aud\":\"api\",\"exp\":1}");
    char *foreign = sign(BY_ONE, BODY("\"https://three.test/\"", "api", ""));
    char *unkeyed = sign(BY_ONE, BODY("\"https://unkeyed.test/\"", "api", ""));
    expect(&both, NULL, "no-credentials", "without a token");
    has(answered.bytes, "  the first one's challenge", "Bearer realm=\"two\"", NULL);
    expect(&both, expired, "expired", "with one of the second");
    has(answered.bytes, "  its challenge", "Bearer realm=\"one\", error=\"invalid_token\"", NULL);
    expect(&both, foreign, "iss-wrong", "with one of neither");
    has(answered.bytes, "  the first one's challenge", "Status: 401",
        "Bearer realm=\"two\", error=\"invalid_token\"", NULL);
    const struct location third = {NULL, "default unkeyed", NULL};
    expect(&third, unkeyed, "no-keys", "an issuer whose keys are not to be had");
    has(answered.bytes, "  is 503 for its own", "Status: 503", "Retry-After: ", NULL);
    expect(&third, foreign, "iss-wrong", "and 401 for those of nobody");
    char *good = sign(BY_ONE, BODY("\"" ONE "\"", "api", ""));
    expect(&third, good, "200", "and costs the other issuer's nothing");
    free(expired);
    free(foreign);
    free(unkeyed);
    free(good);
}

/* --- The hostile cases. */

static const struct {
    int number;
    enum signer signer;
    const char *profile, *claims, *expected, *test;
} cases[] = {
#define ISSUER(number, signer, profile, claims, expected, test) \
    {number, signer, profile, claims, expected, test},
#include "../cases/issuers.def"
};

static void hostile(const char *role)
{
    char *one = sign(BY_ONE, BODY("\"" ONE "\"", "api", ""));
    char *two = sign(BY_TWO, BODY("\"" TWO "\"", "api", ""));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *require = role != NULL ? "valid-token" : NULL;
        const struct location here = {role, cases[i].profile, require};
        const struct location both = {role, "default two", require};
        char *token = sign(cases[i].signer, cases[i].claims);
        bool good = true;
        for (int again = 0; again < 2 && good; again++) {
            good = strcmp(ask(&here, token), cases[i].expected) == 0;
        }
        if (!ok(good, "case %d: %s", cases[i].number, cases[i].test)) {
            printf("# expected %s: %s", cases[i].expected, logged.bytes);
        }
        good = strcmp(ask(&both, one), "200") == 0 && strcmp(ask(&both, two), "200") == 0;
        ok(good, "  and the good ones pass after it");
        free(token);
    }
    free(one);
    free(two);
}

/* Case 137 too: what one profile has found good is no yes of another, though it is remembered. And a
 * remembered token takes no memory, however many profiles are named. */
static void remembered(bool remembers)
{
    const struct location two = {NULL, "two", NULL};
    const struct location twin = {NULL, "twin", NULL};
    const struct location both = {NULL, "default two", NULL};
    const struct location alone = {NULL, NULL, NULL};
    char *token = sign(BY_TWO, BODY("\"" TWO "\"", "api", ",\"n\":2"));
    expect(&two, token, "200", "case 137: a token is good for one profile");
    expect(&twin, token, "aud-wrong", "  of its issuer's two, not for the other");
    expect(&alone, token, "signature", "  nor for default");
    expect(&both, token, "200", "case 137: where it is one of two");
    failing->calls = 0;
    failing->kind = FAILING_MEMORY; /* is counted */
    ask(&both, token);
    failing->kind = FAILING_NOTHING;
    ok((failing->calls == 0) == remembers, "  it takes %s memory: %lu calls",
       remembers ? "no" : "some", failing->calls);
    free(token);
}

/* The same sub of two issuers is two users, where a location takes both; whoever else has shown the
 * token. */
static void users(void)
{
    static const struct location one = {"authorizer", "two", "valid-token"};
    static const struct location both = {"authorizer", "default two", "valid-token"};
    char *first = sign(BY_ONE, BODY("\"" ONE "\"", "api", ",\"sub\":\"me\""));
    char *second = sign(BY_TWO, BODY("\"" TWO "\"", "api", ",\"sub\":\"me\""));
    for (int i = 0; i < 2; i++) {
        expect(&both, first, "200", "a user of one, where both are taken");
        has(answered.bytes, "  is told apart", "Variable-REMOTE_USER: me@" ONE "\r\n",
            "Variable-BEARER_SUB: me\r\n", NULL);
        expect(&both, second, "200", "a user of two of the same name");
        has(answered.bytes, "  is another", "Variable-REMOTE_USER: me@" TWO "\r\n", NULL);
        expect(&one, second, "200", "where two alone is taken");
        has(answered.bytes, "  it is the sub", "Variable-REMOTE_USER: me\r\n", NULL);
    }
    free(first);
    free(second);
}

/* Case 139 too: a long issuer, an issuer in the header: neither chooses. */
static void elsewhere(void)
{
    static char claims[12000];
    const struct location both = {NULL, "default two", NULL};
    memset(claims, 'x', sizeof claims);
    memcpy(claims, "{\"iss\":\"" TWO, strlen("{\"iss\":\"" TWO));
    snprintf(claims + 9000, 100, "\",\"aud\":\"api\",\"exp\":4102444800}");
    char *token = sign(BY_TWO, claims);
    expect(&both, token, "iss-wrong", "case 139: an issuer of 9000 octets that begins like one");
    free(token);
    token = test_key_sign(keys[BY_TWO], JWA_EDDSA,
                          "{\"alg\":\"EdDSA\",\"kid\":\"k\",\"iss\":\"" TWO "\"}",
                          BODY("\"" ONE "\"", "api", ""));
    expect(&both, token, "signature", "case 139: the issuer of another in the header");
    free(token);
    expect(&both, "a.b", "token-segments", "case 139: no token at all");
    expect(&both, "e30.e30.e30", "header-alg", "case 139: a token that says nothing");
    expect(&both, "e30.*.e30", "token-base64", "case 139: claims that cannot be read");
}

/* Case 137 too: a client's header is no param, and a guard does not suffer it. */
static void forged_header(void)
{
    char *params[] = {(char[]){"REQUEST_METHOD=GET"},
                      (char[]){"PATH_INFO=/private"},
                      (char[]){"BEARER_ROLE=authorizer"},
                      (char[]){"BEARER_PROFILE=default"},
                      (char[]){"BEARER_REQUIRE=valid-token"},
                      (char[]){"HTTP_BEARER_PROFILE=two"},
                      NULL};
    const struct sink out = {collect, &answered};
    const struct sink err = {collect, &logged};
    answered = (struct said){.length = 0};
    app_ask(params, &out, &err);
    has(answered.bytes, "case 137: a request header Bearer-Profile", "Status: 400", NULL);
    params[5] = (char[]){"BEARER_PROFILE=two"};
    answered = (struct said){.length = 0};
    app_ask(params, &out, &err);
    has(answered.bytes, "the param twice", "Status: 500", NULL);
    char *redirected[] = {(char[]){"REQUEST_METHOD=GET"}, (char[]){"BEARER_ROLE=deny"},
                          (char[]){"REDIRECT_BEARER_PROFILE=two"},
                          (char[]){"REDIRECT_BEARER_REQUIRE=valid-token"}, NULL};
    answered = (struct said){.length = 0};
    app_ask(redirected, &out, &err);
    has(answered.bytes, "role deny after a redirect", "Status: 401", "realm=\"two\"", NULL);
    redirected[1] = (char[]){"BEARER_ROLE=authorizer"};
    answered = (struct said){.length = 0};
    app_ask(redirected, &out, &err);
    has(answered.bytes, "  and a guard does not read that", "Status: 500", NULL);
}

int main(void)
{
    static const char *const memories[] = {"4194304", "0"};
    app_make();
    tempdir_make();
    make_directory(at("program"), 0755);
    make_directory(at("program/profiles"), 0755);
    make_directory(at("cache"), 0700);
    for (int i = 0; i < SIGNERS; i++) {
        keys[i] = test_key_new(JWA_EDDSA, "k");
    }
    for (int i = 0; i < 2; i++) {
        printf("# BEARER_TOKEN_CACHE_BYTES=%s\n", memories[i]);
        start(memories[i]);
        choosing();
        challenges();
        hostile(NULL);
        hostile("authorizer");
        remembered(i == 0);
        users();
        elsewhere();
        forged_header();
        requirements_clear(&app.guard.requirements);
        live_end(&app.guard.live);
    }
    for (int i = 0; i < SIGNERS; i++) {
        test_key_free(keys[i]);
    }
    app_end(&app);
    return tap_done();
}
