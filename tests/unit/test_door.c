/* SPDX-License-Identifier: MIT */
/* libbearer as a program calls it: every outcome, what is told, what is left alone. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "door_test.h"

static struct test_key *key;
static char *good, *expired, *foreign;
static char logged[65536];

static void collect(void *context, const char *line, size_t length)
{
    strncat(context, line, sizeof logged - strlen(context) - 1);
    if (line[length] != '\0' || line[length - 1] != '\n') {
        memcpy(context, "no line\n", sizeof "no line\n");
    }
}

static struct bearer_guard *open_or_bail(void)
{
    char error[1024] = "";
    struct bearer_guard *guard =
        bearer_guard_open(at("bearer.env"), collect, logged, error, sizeof error);
    if (guard == NULL) {
        printf("Bail out! %s\n", error);
        exit(99);
    }
    logged[0] = '\0';
    return guard;
}

static void outcomes(void)
{
    const struct {
        const char *authorization, *require;
        int status;
        const char *reason, *challenge, *body;
    } rows[] = {
        {good, "valid-token", 200, "ok", NULL, ""},
        {good, "scope=read", 200, "ok", NULL, ""},
        {NULL, "optional", 200, "ok", NULL, ""},
        {NULL, "valid-token", 401, "no-credentials", "Bearer realm=\"one\"",
         "{\"detail\":\"Not authenticated\"}"},
        {"Basic eA==", "valid-token", 401, "no-credentials", "Bearer realm=\"one\"",
         "{\"detail\":\"Not authenticated\"}"},
        {"Bearer a, Bearer b", "valid-token", 400, "two-credentials", "error=\"invalid_request\"",
         "{\"detail\":\"More than one credential was sent\"}"},
        {expired, "valid-token", 401, "expired", "error=\"invalid_token\"", "expired"},
        {foreign, "valid-token", 401, "kid-unknown", "error=\"invalid_token\"", "kid"},
        {expired, "optional", 401, "expired", "error=\"invalid_token\"", "expired"},
        {good, "scope=write", 403, "not-granted", "scope=\"write\"", "Required: scope=write"},
        {good, NULL, 500, "misconfigured", NULL, "{\"detail\":"},
        {good, "", 500, "misconfigured", NULL, "{\"detail\":"},
        {good, "scope", 500, "misconfigured", NULL, "{\"detail\":"},
    };
    struct bearer_guard *guard = open_or_bail();
    for (unsigned flags = 0; flags <= BEARER_WAIT; flags++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct bearer_verdict *verdict =
                question(guard, rows[i].authorization, rows[i].require, flags);
            size_t length = 0;
            const char *body = bearer_verdict_body(verdict, &length);
            const char *challenge = field(verdict, "WWW-Authenticate");
            is_number(bearer_verdict_status(verdict), rows[i].status, "row %zu: the status", i);
            is_string(bearer_verdict_reason(verdict), rows[i].reason, "the reason");
            ok(strstr(body, rows[i].body) != NULL && strlen(body) == length, "the body: %s", body);
            ok(rows[i].challenge == NULL
                   ? challenge == NULL
                   : challenge != NULL && strstr(challenge, rows[i].challenge) != NULL,
               "the challenge: %s", challenge != NULL ? challenge : "none");
            bearer_verdict_free(verdict);
        }
    }
    has(logged, "what is wrong is logged, and each denial", "a check without BEARER_REQUIRE",
        "BEARER_REQUIRE: ", "denied status=401 reason=expired", "need=\"scope=write\"", NULL);
    ok(strstr(logged, good + 7) == NULL, "no token is in the log");
    bearer_guard_close(guard);
}

/* Facts that decide though they are none of the usual ones. */
static void facts(void)
{
    struct bearer_guard *guard = open_or_bail();
    const struct {
        const char *what;
        struct bearer_fact fact;
        int status;
    } rows[] = {
        {"what is not looked at", {"HTTP_DPOP", "x"}, 200},
        {"a certificate", {"SSL_CLIENT_CERT", "x"}, 200},
        {"a path", {"REQUEST_URI", "/a?b"}, 200},
        {"a value that is not there", {"BEARER_NONSENSE", NULL}, 200},
        {"a name that is not there", {NULL, "x"}, 200},
        {"the profile", {"BEARER_PROFILE", "default"}, 200},
        {"a profile that there is not", {"BEARER_PROFILE", "other"}, 500},
        {"a name that is not ours", {"BEARER_NONSENSE", "x"}, 500},
        {"a setting, which counts for a process", {"BEARER_LEEWAY", "x"}, 200},
        {"a second requirement", {"BEARER_REQUIRE", "optional"}, 500},
        {"a second method", {"REQUEST_METHOD", "GET"}, 400},
        {"a second header", {"HTTP_AUTHORIZATION", "Basic x"}, 400},
        {"a name that would be another", {"BEARER_REQUIRE=optional", "x"}, 200},
        {"a header that reads as ours", {"HTTP_BEARER_SUB", "admin"}, 400},
        {"to show a denial again", {"BEARER_ROLE", "deny"}, 503},
        {"another role", {"FCGI_ROLE", "RESPONDER"}, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct bearer_fact all[] = {{"REQUEST_METHOD", "GET"},
                                          {"HTTP_AUTHORIZATION", good},
                                          {"BEARER_REQUIRE", "valid-token"},
                                          rows[i].fact};
        struct bearer_verdict *verdict = bearer_guard_check(guard, all, 4, 0);
        is_number(bearer_verdict_status(verdict), rows[i].status, "%s", rows[i].what);
        bearer_verdict_free(verdict);
    }
    struct bearer_verdict *verdict = bearer_guard_check(guard, NULL, 0, 0);
    is_number(bearer_verdict_status(verdict), 400, "no facts at all");
    bearer_verdict_free(verdict);
    ok(question(guard, good, "valid-token", 2) == NULL, "an unknown flag: no verdict");
    bearer_guard_close(guard);
}

static void claims(void)
{
    struct bearer_guard *guard = open_or_bail();
    struct bearer_verdict *verdict = question(guard, good, "valid-token", 0);
    struct bearer_verdict *again = question(guard, good, "valid-token", 0);
    size_t length = 0;
    ok(strstr(bearer_verdict_claims(verdict, &length), "\"sub\":\"somebody\"") != NULL &&
           length == strlen(bearer_verdict_claims(verdict, NULL)),
       "all claims");
    is_string(bearer_verdict_claim(verdict, "/sub"), "somebody", "by a pointer");
    is_string(bearer_verdict_claim(verdict, "sub"), "somebody", "by a name");
    is_string(bearer_verdict_claim(verdict, "/roles/1"), "b", "in an array");
    is_string(bearer_verdict_claim(verdict, "/n"), "1.50", "a number as it is written");
    is_string(bearer_verdict_claim(verdict, "/yes"), "true", "a truth");
    ok(bearer_verdict_claim(verdict, "/roles") == NULL, "an array has no text");
    ok(bearer_verdict_claim(verdict, "/none") == NULL, "nothing is there");
    ok(bearer_verdict_claim(verdict, "/~x") == NULL, "no pointer");
    ok(bearer_verdict_meets(verdict, "scope=read claim:roles=a"), "it meets this too");
    ok(!bearer_verdict_meets(verdict, "scope=write"), "and does not meet that");
    ok(!bearer_verdict_meets(verdict, "scope"), "what is no requirement");
    has(logged, "that is logged", "bearer_verdict_meets(): ", NULL);
    bearer_verdict_free(verdict);
    is_string(bearer_verdict_claim(again, "/sub"), "somebody", "another verdict on the same token");
    bearer_guard_close(guard);
    is_string(bearer_verdict_claim(again, "/roles/0"), "a", "a verdict has all that it needs");
    bearer_verdict_free(again);
}

static void nobody(const char *who, struct bearer_verdict *verdict)
{
    size_t length = 1;
    ok(bearer_verdict_claims(verdict, &length) == NULL && length == 0 &&
           bearer_verdict_claim(verdict, "/sub") == NULL &&
           !bearer_verdict_meets(verdict, "valid-token") &&
           !bearer_verdict_meets(verdict, "optional"),
       "%s: no token", who);
    bearer_verdict_free(verdict);
}

static void without_token(void)
{
    struct bearer_guard *guard = open_or_bail();
    nobody("nobody passes", question(guard, NULL, "optional", 0));
    nobody("denied", question(guard, good, "scope=write", 0));
    nobody("no verdict", NULL);
    bearer_guard_close(guard);
    bearer_guard_close(NULL);
}

/* What is answered without memory is what a check answers to a fault of its own. */
static void no_verdict(void)
{
    size_t length = 0;
    is_number(bearer_verdict_status(NULL), 500, "no verdict: 500");
    is_string(bearer_verdict_reason(NULL), "internal", "its reason");
    is_string(bearer_verdict_body(NULL, &length), "{\"detail\":\"Internal server error\"}",
              "its body");
    is_number(length, strlen(bearer_verdict_body(NULL, NULL)), "which is so long");
    struct bearer_guard *guard = open_or_bail();
    struct bearer_verdict *other = question(guard, good, NULL, 0);
    const char *names[2];
    const char *values[2];
    bool same = true;
    for (size_t i = 0; i < 9; i++) {
        const bool there = bearer_verdict_header(NULL, i, &names[0], &values[0]);
        same = same && bearer_verdict_header(other, i, &names[1], &values[1]) == there &&
               (!there || (strcmp(names[0], names[1]) == 0 && strcmp(values[0], values[1]) == 0));
    }
    ok(same, "the header fields of any 500");
    is_string(field(NULL, "Content-Type"), "application/json", "its type is one of them");
    bearer_verdict_free(other);
    bearer_guard_close(guard);
}

static void bad_configurations(void)
{
    char error[1024];
    configure("one", "BEARER_LEAWAY=5");
    ok(bearer_guard_open(at("bearer.env"), NULL, NULL, error, sizeof error) == NULL, "a bad file");
    has(error, "what is wrong, and where", "BEARER_LEAWAY", "bearer.env:", NULL);
    ok(bearer_guard_open(at("bearer.env"), NULL, NULL, error, 5) == NULL && strlen(error) == 4,
       "as much as there is room for");
    ok(bearer_guard_open(at("bearer.env"), NULL, NULL, NULL, 0) == NULL, "no room at all");
    ok(bearer_guard_open(at("none"), NULL, NULL, error, sizeof error) == NULL, "no file");
    has(error, "which one", "none", NULL);
    ok(bearer_guard_open("bearer.env", NULL, NULL, error, sizeof error) == NULL,
       "no absolute path");
    has(error, "what to write", "absolute", NULL);
    configure("one", file_keys());
}

static struct sigaction handlers[NSIG];

static bool handlers_are_ours(bool first)
{
    bool same = true;
    for (int i = 1; i < NSIG; i++) {
        struct sigaction now;
        if (sigaction(i, NULL, &now) == 0) {
            same = same && (first || now.sa_handler == handlers[i].sa_handler);
            handlers[i] = now;
        }
    }
    return same;
}

/* A refresh that ends when the file "go" is there: a child of this process. */
static void put_refresher(void)
{
    static const char script[] = "#!/bin/sh\ncd \"$BEARER_HOME\" || exit\n: >started\n"
                                 "while [ ! -e go ]; do sleep 0.02; done\n: >ended\n";
    put_bytes(at("bearerctl"), script, sizeof script - 1, 0755);
    make_directory(at("cache"), 0700);
    char lines[8400];
    snprintf(lines, sizeof lines, "BEARER_JWKS_URI=https://issuer.test/jwks\nBEARER_CACHE_DIR=%s",
             at("cache"));
    configure("one", lines);
    setenv("BEARER_HOME", tempdir, 1);
}

static void await(const char *name)
{
    for (int i = 0; i < 1500 && access(at("%s", name), F_OK) != 0; i++) {
        poll(NULL, 0, 20);
    }
}

static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    return type == FTW_F ? unlink(path) : 0;
}

/* What the last attempt to refresh left. */
static void unlink_records(void)
{
    nftw(at("cache"), unlink_one, 16, FTW_PHYS);
}

static void *let_go(void *context)
{
    await("started");
    put(at("go"), "");
    return context;
}

/* Keys that have to be fetched: who waits, who does not, and whose children are let alone. */
static void waiting(void)
{
    pthread_t helper;
    put_refresher();
    handlers_are_ours(true);
    const pid_t other = fork();
    if (other == 0) {
        _exit(7);
    }
    struct bearer_guard *guard = open_or_bail();
    unsetenv("BEARER_HOME");
    struct bearer_verdict *verdict = question(guard, good, "valid-token", 0);
    is_number(bearer_verdict_status(verdict), 503, "no keys yet");
    is_string(bearer_verdict_reason(verdict), "no-keys", "is why");
    is_string(field(verdict, "Retry-After"), "1", "when to come back");
    bearer_verdict_free(verdict);
    await("started");
    verdict = question(guard, good, "valid-token", 0);
    is_number(bearer_verdict_status(verdict), 503, "the same while they are fetched");
    ok(access(at("ended"), F_OK) != 0, "neither waited for the refresh");
    bearer_verdict_free(verdict);
    let_go(NULL);
    await("ended");
    bearer_guard_close(guard);

    unlink(at("started"));
    unlink(at("go"));
    unlink(at("ended"));
    unlink_records();
    setenv("BEARER_HOME", tempdir, 1);
    guard = open_or_bail();
    unsetenv("BEARER_HOME");
    pthread_create(&helper, NULL, let_go, NULL);
    verdict = question(guard, good, "valid-token", BEARER_WAIT);
    is_number(bearer_verdict_status(verdict), 503, "it brought no keys");
    ok(access(at("ended"), F_OK) == 0, "BEARER_WAIT: it was waited for");
    bearer_verdict_free(verdict);
    pthread_join(helper, NULL);
    bearer_guard_close(guard);

    int status = 0;
    ok(waitpid(other, &status, 0) == other && WEXITSTATUS(status) == 7,
       "a child of somebody else's is left to be waited for");
    ok(handlers_are_ours(false), "no handler of a signal is another");
}

int main(void)
{
    key = test_key_new(JWA_EDDSA, "k");
    struct test_key *strange = test_key_new(JWA_EDDSA, "s");
    good = bearer(key, "k",
                  CLAIMS(",\"scope\":\"read\",\"n\":1.50,\"yes\":true,\"roles\":[\"a\",\"b\"]"));
    expired = bearer(key, "k", CLAIMS_AT("1", ""));
    foreign = bearer(strange, "s", CLAIMS(""));
    tempdir_make();
    publish(key);
    configure("one", file_keys());
    outcomes();
    facts();
    claims();
    without_token();
    no_verdict();
    bad_configurations();
    waiting();
    free(good);
    free(expired);
    free(foreign);
    test_key_free(key);
    test_key_free(strange);
    return tap_done();
}
