/* SPDX-License-Identifier: MIT */
/* A process whose configuration changes: what it answers, what it logs, and what it costs. The
 * clocks are the test's own. */

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "../support/failing.h"
#include "keys.h"
#include "app_test.h"
#include "tap.h"
#include "tempdir.h"

#define TOKEN_CLAIMS "{\"iss\":\"https://issuer.test/\",\"aud\":\"api\",\"exp\":4102444800}"
#define SECRET       "xyzzy-plugh"

/* Clocks and stat(): the linker sends what of ours calls them here (--wrap). */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_stat(const char *path, struct stat *status);
int __wrap_stat(const char *path, struct stat *status);

static int64_t now_ms = INT64_C(1700000000000);
static unsigned looks; /* at a file bearer.env */
static unsigned meddle_at;
static void (*meddle)(void); /* what somebody does right before look number meddle_at */

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC_COARSE) {
        return __real_clock_gettime(clock, now);
    }
    *now = (struct timespec){.tv_sec = now_ms / 1000, .tv_nsec = now_ms % 1000 * 1000000};
    return 0;
}

int __wrap_stat(const char *path, struct stat *status)
{
    size_t length = strlen(path);
    bool ours = length > 10 && strcmp(path + length - 10, "bearer.env") == 0;
    looks += ours;
    if (ours && looks == meddle_at && meddle != NULL) {
        meddle();
    }
    return __real_stat(path, status);
}

/* What was answered and logged. */
static struct said {
    char bytes[65536];
    size_t length;
} answered, logged;

static void collect(void *context, const char *bytes, size_t length)
{
    struct said *said = context;
    length =
        length < sizeof said->bytes - said->length ? length : sizeof said->bytes - said->length - 1;
    memcpy(said->bytes + said->length, bytes, length);
    said->length += length;
    said->bytes[said->length] = '\0';
}

static char *token;
static char keys_line[8300];
static char *environment[8];

static bool impatient(void)
{
    return true;
}

static void start(void)
{
    static char folder[8300];
    static char system[8300];
    snprintf(folder, sizeof folder, "%s", at("program"));
    snprintf(system, sizeof system, "%s", at("etc/bearer.env"));
    app.guard =
        (struct guard){.log = {.level = LOG_LEVEL_WARN, .write = collect, .context = &logged},
                       .live = {.may_keep = true,
                                .stopping = impatient,
                                .log = &app.guard.log,
                                .origin = {.environment = environment,
                                           .program_dir = folder,
                                           .program_owner = (uid_t)-1,
                                           .sysconf_file = system}}};
    logged = (struct said){.length = 0};
    meddle = NULL;
    live_begin(&app.guard.live);
}

static void stop(void)
{
    live_end(&app.guard.live);
    unlink(at("program/bearer.env"));
    unlink(at("etc/bearer.env"));
    memset(environment, 0, sizeof environment);
}

/* Puts a file in place by rename, last changed so long ago. */
static void put_aged(const char *path, const char *text, int64_t age_ms)
{
    const int64_t then = now_ms - age_ms;
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW},
                                      {.tv_sec = then / 1000, .tv_nsec = then % 1000 * 1000000}};
    char next[8300];
    snprintf(next, sizeof next, "%s.new", path);
    put(next, text);
    if (utimensat(AT_FDCWD, next, times, 0) != 0 || rename(next, path) != 0) {
        tempdir_bail(path);
    }
}

static const char *text_with(const char *realm, const char *more)
{
    static char text[9000];
    snprintf(
        text, sizeof text,
        "AUTH0_ISSUER=https://issuer.test/\nAUTH0_API_AUDIENCE=api\nAUTH0_ALGORITHMS=EdDSA\n%s\nBEARER_REALM=%s\n%s\n",
        keys_line, realm, more);
    return text;
}

static void edit(const char *realm, const char *more)
{
    put_aged(at("program/bearer.env"), text_with(realm, more), 5000);
}

static void edit_system(const char *realm)
{
    put_aged(at("etc/bearer.env"), text_with(realm, ""), 5000);
}

static char *asked_profile; /* BEARER_PROFILE=NAME; NULL: none is named */

static const char *ask(const char *with)
{
    static char authorization[4096];
    char *params[] = {(char[]){"REQUEST_METHOD=GET"}, (char[]){"PATH_INFO=/private"},
                      asked_profile != NULL ? asked_profile
                      : with != NULL        ? authorization
                                            : NULL,
                      asked_profile != NULL && with != NULL ? authorization : NULL, NULL};
    const struct sink out = {collect, &answered};
    const struct sink err = {collect, &logged};
    snprintf(authorization, sizeof authorization, "HTTP_AUTHORIZATION=Bearer %s",
             with != NULL ? with : "");
    answered = (struct said){.length = 0};
    app_ask(params, &out, &err);
    return answered.bytes;
}

static bool realm_is(const char *realm)
{
    char challenge[100];
    snprintf(challenge, sizeof challenge, "Bearer realm=\"%s\"", realm);
    return strstr(ask(NULL), challenge) != NULL;
}

/* Asks `ms` later, and that is the realm of the challenge. */
static void after(int64_t ms, const char *realm, const char *test)
{
    now_ms += ms;
    if (!ok(realm_is(realm), "%s", test)) {
        printf("# not the realm \"%s\": %s\n", realm, answered.bytes);
    }
}

/* The log since the last call has so many lines beside those of what clients
 * did wrong, and all of the fragments. */
__attribute__((sentinel)) static void says(unsigned lines, const char *test, ...)
{
    unsigned count = 0;
    bool good = strstr(logged.bytes, SECRET) == NULL;
    va_list args;
    va_start(args, test);
    for (const char *part = va_arg(args, const char *); part != NULL;
         part = va_arg(args, const char *)) {
        good = good && strstr(logged.bytes, part) != NULL;
    }
    va_end(args);
    for (const char *at = logged.bytes, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        const size_t length = (size_t)(end - at);
        count += memmem(at, length, "denied status=4", 15) == NULL &&
                 memmem(at, length, "\"denied\",\"status\":4", 19) == NULL;
    }
    if (!ok(good && count == lines, "%s", test)) {
        printf("# %u lines:\n# %s", count, logged.bytes);
    }
    logged = (struct said){.length = 0};
}

static void changes(void)
{
    char line[8400];
    edit("one", "");
    start();
    after(0, "one", "as it was at the start");
    edit("two", "");
    after(999, "one", "a file that has changed, within the same second");
    says(0, "nothing is said", NULL);
    after(1, "two", "and after it");
    snprintf(line, sizeof line, "warn: configuration read again from %s\n",
             at("program/bearer.env"));
    says(1, "which is said, with the path", line, NULL);
    after(1000, "two", "a second later");
    after(60000, "two", "a minute later");
    says(0, "nothing more is said", NULL);

    looks = 0;
    for (int i = 0; i < 500; i++) {
        ask(NULL);
    }
    is_number(looks, 0, "between two looks nothing is looked at");
    after(1000, "two", "a look");
    is_number(looks, 1, "is one stat()");
    edit("three", "BEARER_LOG_LEVEL=error");
    after(1000, "three", "another log level");
    says(0, "counts from its own line on", NULL);
    edit("four", "BEARER_LOG_FORMAT=json");
    after(1000, "four", "another form of the log");
    says(1, "too", "{\"time\":\"", "\"msg\":\"configuration read again from ", NULL);
    edit("five", "BEARER_LOG_FORMAT=text");
    after(1000, "five", "and back");
    says(1, "again", "fcgi-bearer: warn: configuration read", NULL);
    stop();
}

static void verified_tokens(void)
{
    edit("r", "");
    start();
    has(ask(token), "a token", "Status: 200", NULL);
    has(ask(token), "which is remembered", "Status: 200", NULL);
    put_aged(
        at("program/bearer.env"),
        "AUTH0_ISSUER=https://issuer.test/\nAUTH0_API_AUDIENCE=another\nAUTH0_ALGORITHMS=EdDSA\n",
        5000);
    environment[0] = keys_line;
    now_ms += 1000;
    has(ask(token), "is judged anew by the new configuration", "Status: 401", "another audience",
        NULL);
    edit("r", "");
    now_ms += 1000;
    has(ask(token), "and again by the first", "Status: 200", NULL);
    stop();
}

static void bad_files(void)
{
    edit("one", "");
    start();
    edit("two", "AUTH0_CLIENT_SECRET=" SECRET "\nBEARER_LEAWAY=5");
    after(1000, "one", "a file with an error is not used");
    says(1, "which is said, with name, file, line and remedy",
         "error: the changed configuration is not used, and the one read before stays in use: "
         "BEARER_LEAWAY",
         at("program/bearer.env:7"), "did you mean BEARER_LEEWAY", NULL);

    after(1000, "one", "a second later");
    after(1000, "one", "and another");
    says(0, "it is not said again", NULL);
    edit("two", "AUTH0_CLIENT_SECRET=" SECRET "\nBEARER_LEAWAY=5");
    after(1000, "one", "saved again as bad as it was");
    says(1, "is said again", "BEARER_LEAWAY", NULL);
    edit("three", "");
    after(1000, "three", "mended");
    says(1, "is said", "read again", NULL);

    make_directory(at("ca"), 0755);
    snprintf(answered.bytes, sizeof answered.bytes, "BEARER_CA_FILE=%s", at("ca/ca.pem"));
    edit("four", answered.bytes);
    after(1000, "three", "a file that it names is not there");
    says(1, "which is said", "ca.pem does not exist", NULL);
    put(at("ca/ca.pem"), "x");
    after(1000, "four", "now it is");
    says(1, "which is said", "read again", NULL);
    stop();
}

static void gone(void)
{
    char line[8400];
    edit("one", "");
    edit_system("system");
    start();
    unlink(at("program/bearer.env"));
    after(1000, "one", "a file that is gone: what it said stays, though the system has one");
    snprintf(line, sizeof line, "error: %s is gone; ", at("program/bearer.env"));
    says(1, "which is said", line, "stays in use", NULL);
    edit_system("system2");
    after(1000, "one", "that changes");
    says(0, "and nothing is said", NULL);
    edit("two", "");
    after(1000, "two", "it is there again");
    says(1, "which is said", "read again", NULL);
    stop();

    edit_system("system");
    start();
    after(0, "system", "the system's file");
    edit("beside", "");
    after(1000, "beside", "one beside the program, where none was, comes before it");
    unlink(at("program/bearer.env"));
    after(1000, "beside", "and does not give way to it again");
    says(2, "both are said", "read again", "is gone", NULL);
    stop();
}

static void young_files(void)
{
    edit("one", "");
    start();
    now_ms += 1000;
    put_aged(at("program/bearer.env"), text_with("half", ""), CONFIG_SETTLE_MS - 1);
    after(0, "one", "a file written to a moment ago may not be whole yet");
    edit("two", "");
    after(CONFIG_SETTLE_MS, "two", "it is looked at again soon");
    put_aged(at("program/bearer.env"), text_with("three", ""), CONFIG_SETTLE_MS - 1);
    after(1000, "three", "and taken when it has not changed since");
    put_aged(at("program/bearer.env"), text_with("four", ""), -3600000);
    after(1000, "four", "a time in the future says nothing");
    stop();
    put_aged(at("program/bearer.env"), text_with("young", ""), 0);
    start();
    after(0, "young", "at the start it is taken as it is");
    after(1000, "young", "and not again");
    says(0, "which would be said", NULL);
    stop();
}

/* What is only a warning is said with the first request, and again when it is read again. */
static void warnings(void)
{
    static const char both[] = "would both be BEARER_CLAIM_A_B, which therefore stays empty";
    edit("one", "BEARER_FORWARD_CLAIMS='a.b a-b'\n");
    start();
    says(0, "nothing before the first request", NULL);
    after(0, "one", "that request");
    says(1, "is told of the warning", both, NULL);
    after(1000, "one", "the next");
    says(0, "is told nothing", NULL);
    edit("two", "BEARER_FORWARD_CLAIMS='a.b a-b'\nBEARER_LEAWAY=1\n");
    after(1000, "one", "a bad one is not taken up");
    says(1, "and its warnings are not said", "BEARER_LEAWAY", NULL);
    edit("two", "BEARER_FORWARD_CLAIMS='a.b a-b'\n");
    after(1000, "two", "a good one is");
    says(2, "with its warnings", "read again", both, NULL);
    stop();
}

/* A profile, last changed so long ago; its realm is its own. */
static void edit_profile(const char *realm, const char *more, int64_t age_ms)
{
    put_aged(at("program/profiles/two.env"), text_with(realm, more), age_ms);
}

/* All files are one configuration. */
static void profiles(void)
{
    char line[8400];
    char two[] = "BEARER_PROFILE=two";
    snprintf(line, sizeof line, "profiles/two.env:6)");
    edit("one", "");
    start();
    make_directory(at("program/profiles"), 0755);
    asked_profile = two;
    now_ms += 1000;
    has(ask(NULL), "no such profile yet", "Status: 500", NULL);
    says(2, "which is said", "there is no profile 'two'; there is default", NULL);
    edit_profile("two", "", 5000);
    now_ms += 999;
    has(ask(NULL), "within the same second it is not there", "Status: 500", NULL);
    logged = (struct said){.length = 0};
    after(1, "two", "a file that has come is a profile");
    says(1, "which is said once", "configuration read again from", NULL);
    put(at("program/profiles/README"), "x");
    after(1000, "two", "a file that is none is nothing");
    says(0, "and nothing is said", NULL);

    now_ms += 1000;
    edit_profile("half", "", CONFIG_SETTLE_MS - 1);
    after(0, "two", "one written to a moment ago may not be whole yet");
    edit_profile("three", "", 5000);
    after(CONFIG_SETTLE_MS, "three", "it is looked at again soon");
    says(1, "and said once", "read again", NULL);

    edit_profile("four", "BEARER_LEAWAY=5", 5000);
    edit("five", "");
    after(1000, "three", "one bad file, and every old one stays");
    says(1, "which is said, with file and line", "the changed configuration is not used", line,
         NULL);
    asked_profile = NULL;
    after(1000, "one", "bearer.env too, though that is good");
    says(0, "it is not said again", NULL);
    edit_profile("four", "", 5000);
    after(1000, "five", "mended, all are taken at once");
    asked_profile = two;
    after(0, "four", "  this and that");
    says(1, "which is said once", "read again", NULL);

    unlink(at("program/profiles/two.env"));
    now_ms += 1000;
    has(ask(NULL), "a file that is gone is no profile any more", "Status: 500", NULL);
    says(3, "which is said", "read again", "there is no profile 'two'", NULL);
    edit_profile("six", "BEARER_REQUIRE=scopes", 5000);
    stop();
    edit("one", "");
    asked_profile = NULL;
    start();
    has(ask(NULL), "a bad file at the start: 500 for all", "Status: 500", NULL);
    says(2, "with file and line", "no usable configuration: BEARER_REQUIRE (", line, NULL);
    edit_profile("six", "", 5000);
    after(1000, "one", "mended: all is well");
    logged = (struct said){.length = 0};
    unlink(at("program/profiles/two.env"));
    unlink(at("program/profiles/README"));
    rmdir(at("program/profiles"));
    stop();
}

static void edit_once(void)
{
    meddle = NULL;
    edit("last", "");
}

static void unlink_once(void)
{
    meddle = NULL;
    unlink(at("program/bearer.env"));
}

static void meanwhile(void)
{
    edit("one", "");
    edit_system("system");
    start();
    edit("two", "");
    meddle = edit_once;
    meddle_at = looks + 2; /* the one after it was read */
    after(1000, "one", "what changes while it is read is not used");
    after(CONFIG_SETTLE_MS, "last", "but what came of it");
    says(1, "and only that is said", "read again", NULL);
    edit("three", "");
    meddle = unlink_once;
    meddle_at = looks + 2;
    after(1000, "last", "what is removed while it is read is not used");
    after(CONFIG_SETTLE_MS, "last", "nor anything else");
    says(1, "and only that is said", "is gone", NULL);
    stop();
}

static void edit_profile_once(void)
{
    meddle = NULL;
    edit_profile("whole", "", 5000);
}

/* The directory is another than before, so that only who reads it sees what changes there. */
static void meanwhile_in_profiles(void)
{
    char two[] = "BEARER_PROFILE=two";
    edit("one", "BEARER_LEAWAY=5");
    start();
    has(ask(NULL), "a bad file: none is read", "Status: 500", NULL);
    make_directory(at("program/profiles"), 0755);
    edit_profile("half", "", 5000);
    edit("one", "");
    asked_profile = two;
    meddle = edit_profile_once;
    meddle_at = looks + 2;
    now_ms += 1000;
    has(ask(NULL), "a profile that changes while it is read is not used", "Status: 500", NULL);
    after(CONFIG_SETTLE_MS, "whole", "but what came of it");
    asked_profile = NULL;
    unlink(at("program/profiles/two.env"));
    rmdir(at("program/profiles"));
    stop();
}

static void bad_start(void)
{
    edit("one", "BEARER_LEAWAY=5");
    start();
    has(ask(token), "a bad one at the start: 500", "Status: 500", NULL);
    says(2, "the cause is on the error stream", "no usable configuration: BEARER_LEAWAY", NULL);
    edit("one", "");
    now_ms += 999;
    has(ask(token), "within the same second", "Status: 500", NULL);
    logged = (struct said){.length = 0};
    now_ms += 1;
    has(ask(token), "mended", "Status: 200", NULL);
    says(1, "which is said", "read again", NULL);
    stop();

    start();
    has(ask(NULL), "none at all", "Status: 500", NULL);
    unlink(at("program/bearer.env"));
    edit_system("system");
    after(1000, "system", "one appears");
    stop();
}

static void from_environment(void)
{
    environment[0] = (char[]){"BEARER_REALM=env"};
    edit("one", "");
    start();
    after(0, "env", "the environment comes before the file");
    edit("two", "");
    after(1000, "env", "also when that is read again");
    says(1, "which is said", "read again", NULL);
    stop();

    environment[0] = (char[]){"AUTH0_ISSUER=https://issuer.test/"};
    environment[1] = (char[]){"AUTH0_API_AUDIENCE=api"};
    start();
    after(0, "api", "the environment alone");
    put_aged(at("program/bearer.env"), "BEARER_LEAWAY=5\n", 5000);
    after(1000, "api", "a bad file appears");
    says(1, "which is said", "BEARER_LEAWAY", NULL);
    unlink(at("program/bearer.env"));
    after(1000, "api", "and goes");
    says(1, "which is said", "read again from the environment", NULL);
    put_aged(at("program/bearer.env"), "BEARER_REALM=file\n", 5000);
    after(1000, "file", "a good one");
    stop();

    environment[0] = (char[]){"AUTH0_ISSUER=https://issuer.test/"};
    environment[1] = (char[]){"AUTH0_API_AUDIENCE=api"};
    environment[2] = (char[]){"BEARER_CONFIG="};
    edit("file", "");
    start();
    looks = 0;
    after(1000, "api", "no file is wanted");
    is_number(looks, 0, "and none looked at");
    stop();
}

/* Refreshes that are under way while their configuration is replaced, several times. */
static void children(void)
{
    siginfo_t info;
    char script[8400];
    const time_t deadline = time(NULL) + 20;
    snprintf(script, sizeof script, "#!/bin/sh\nwhile [ ! -e '%s' ]; do sleep 0.02; done\n",
             at("go"));
    put_bytes(at("bearerctl"), script, strlen(script), 0755);
    environment[0] = (char[]){"BEARER_JWKS_URI=https://issuer.test/jwks"};
    environment[1] = (char[]){"BEARER_CACHE_DIR=/nonexistent/cache"};
    environment[2] = (char[]){"BEARER_JWKS_COOLDOWN=0"};
    edit("one", "");
    start();
    app.guard.live.refresher = script;
    snprintf(script, sizeof script, "%s", at("bearerctl"));
    for (int i = 0; i < 5; i++) {
        has(ask(token), "no keys yet", "Status: 503", NULL);
        edit(i % 2 == 0 ? "two" : "one", "");
        after(1000, i % 2 == 0 ? "two" : "one", "another configuration while they are fetched");
    }
    ok(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0, "there are children");
    put(at("go"), "");
    int left = 0;
    do {
        now_ms += 1000;
        ask(NULL);
        left = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    } while (left == 0 && time(NULL) < deadline && poll(NULL, 0, 10) == 0);
    ok(left != 0, "none of them is left, nor what would be left of it");
    ok(app.guard.live.left.count == 0, "and none is waited for any longer");
    stop();
}

/* Each call of this kind fails in turn while it is read again: it is the old configuration or the
 * new one, and with the next look the new one. */
static void each_fails(enum failing_kind kind, const char *name)
{
    static char revoked_line[8300];
    unsigned long calls = 0, wrong = 0, kept = 0;
    bool reached = true;
    environment[0] =
        (char[]){"HOME=/h"}; /* else the C library is asked, and keeps what it loads for that */
    environment[1] = revoked_line;
    snprintf(revoked_line, sizeof revoked_line, "BEARER_REVOKED_FILE=%s",
             put(at("revoked"), "sub=somebody\n"));
    edit("new", "");
    start();
    edit("old", "");
    now_ms += 1000;
    ask(token);
    const long blocks = failing->blocks;
    for (unsigned long nth = 1; reached; nth++) {
        const char *next = nth % 2 != 0 ? "new" : "old";
        const char *before = nth % 2 != 0 ? "old" : "new";
        edit(next, "");
        now_ms += 1000;
        app.guard.log.write = collect;
        app.guard.log.context = &logged;
        logged = (struct said){.length = 0};
        failing->nth = nth;
        failing->calls = 0;
        failing->kind = kind;
        live_look(&app.guard.live);
        failing->kind = FAILING_NOTHING;
        calls = failing->calls;
        reached = calls >= nth;
        bool old = realm_is(before);
        kept += old;
        wrong += (!old && !realm_is(next)) || (old && !reached);
        now_ms += 1000;
        wrong += !realm_is(next) || strstr(ask(token), "Status: 200") == NULL;
        wrong += failing->blocks > blocks;
    }
    ok(wrong == 0 && calls > 1 && kept > 0, "%s: old or new, whichever of %lu calls fails", name,
       calls);
    printf("# %lu wrong, %lu times the old one\n", wrong, kept);
    stop();
}

int main(void)
{
    struct test_key *key = test_key_new(JWA_EDDSA, "k");
    char *jwks[] = {test_key_jwk(key)};
    char *document = test_jwks(jwks, 1);
    app_make();
    tempdir_make();
    make_directory(at("program"), 0755);
    make_directory(at("etc"), 0755);
    token = test_key_sign(key, JWA_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}", TOKEN_CLAIMS);
    snprintf(keys_line, sizeof keys_line, "BEARER_JWKS_URI=file://%s",
             put(at("jwks.json"), document));
    changes();
    verified_tokens();
    bad_files();
    gone();
    young_files();
    warnings();
    profiles();
    meanwhile();
    meanwhile_in_profiles();
    bad_start();
    from_environment();
    children();
    each_fails(FAILING_MEMORY, "memory");
    each_fails(FAILING_OPEN, "open()");
    each_fails(FAILING_READ, "read()");
    each_fails(FAILING_STAT, "stat()");
    free(token);
    free(document);
    test_key_free(key);
    app_end(&app);
    return tap_done();
}
