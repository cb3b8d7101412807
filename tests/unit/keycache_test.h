/* SPDX-License-Identifier: MIT */
/* What the tests of the key cache share: sites, each with a configuration, a cache directory and
 * any number of workers, and a bearerctl that does what the test wrote down. The test program plays
 * it itself: main() begins with `if (is_bearerctl(argc, argv)) _exit(play_bearerctl(...))`. */
#ifndef KEYCACHE_TEST_H
#define KEYCACHE_TEST_H

#include "config/config_load.h"
#include "keys/keycache.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "../support/next_tick.h"
#include "base/monotonic.h"
#include "cache_test.h"
#include "keys/attempt.h"

#define NOW         1700000000
#define COOLDOWN    30
#define TTL         600
#define MAX_STALE   86400
#define DEADLINE_MS 30000 /* when something hangs */

static char self[PATH_MAX]; /* this program, where another user can start it too */

static int64_t milliseconds(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void pause_briefly(void)
{
    const struct timespec time = {.tv_nsec = 5000000};
    nanosleep(&time, NULL);
}

/* Waits for it, and is it. */
#define EVENTUALLY(condition)                        \
    __extension__({                                  \
        int64_t end_ = milliseconds() + DEADLINE_MS; \
        bool good_ = (condition);                    \
        while (!good_ && milliseconds() < end_) {    \
            pause_briefly();                         \
            good_ = (condition);                     \
        }                                            \
        good_;                                       \
    })

/* The content of a file, the caller's; NULL: there is none. */
static char *content_of(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return NULL;
    }
    char *text = malloc((size_t)st.st_size + 1);
    ssize_t n = read(fd, text, (size_t)st.st_size);
    close(fd);
    *length = n > 0 ? (size_t)n : 0;
    text[*length] = '\0';
    return text;
}

static void write_record(int fd, int64_t when, enum attempt_outcome outcome, const char *reason)
{
    struct attempt attempt = {.when = when, .outcome = outcome};
    attempt_reason(&attempt, reason);
    if (!attempt_write(fd, &attempt)) {
        tempdir_bail("attempt_write");
    }
}

/* Puts a document into the cache. */
static bool install(const char *directory, const char *text, size_t length)
{
    struct cache_names names = {0};
    struct diag diag = {""};
    cache_names(CACHE_URI, NULL, NULL, &names);
    int dir = cache_dir_open(directory, (uid_t)-1, &diag);
    bool good = dir >= 0 && cache_write(dir, &names, text, length, &diag);
    if (dir >= 0) {
        close(dir);
    }
    return good;
}

/* --- bearerctl */

__attribute__((unused)) static bool is_bearerctl(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "refresh") == 0;
}

/* One line of the script: wait FILE | install FILE | pipe FILE | ok | failed REASON. Files are
 * beside the cache directory. */
static void do_line(const char *root, const char *directory, char *line)
{
    char path[2 * PATH_MAX];
    size_t length = 0;
    char *word = strsep(&line, " ");
    const char *rest = line != NULL ? line : "";
    struct attempt attempt;
    if (snprintf(path, sizeof path, "%s/%s", root, rest) >= (int)sizeof path) {
        return;
    }
    if (strcmp(word, "wait") == 0) {
        (void)EVENTUALLY(access(path, F_OK) == 0);
    } else if (strcmp(word, "install") == 0) {
        char *text = content_of(path, &length);
        (void)install(directory, text, length);
        free(text);
    } else if (strcmp(word, "pipe") == 0) {
        char *text = content_of(path, &length);
        (void)!write(4, text, length);
        free(text);
    } else {
        attempt_read(3, &attempt);
        write_record(3, attempt.when, strcmp(word, "ok") == 0 ? ATTEMPT_SUCCEEDED : ATTEMPT_FAILED,
                     rest);
    }
}

/* What it was asked for stands in the file `count`, a letter for each start: c, what has changed; x, the whole document. */
__attribute__((unused)) static int play_bearerctl(int argc, char **argv)
{
    char root[PATH_MAX];
    char path[PATH_MAX + 16];
    size_t length = 0;
    const char *directory = getenv("BEARER_CACHE_DIR");
    signal(SIGPIPE, SIG_IGN);
    if (directory == NULL) {
        return 1;
    }
    snprintf(root, sizeof root, "%s", directory);
    *strrchr(root, '/') = '\0';
    snprintf(path, sizeof path, "%s/count", root);
    int count = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    (void)!write(count, argc > 2 && strcmp(argv[argc - 1], "--if-changed") == 0 ? "c" : "x", 1);
    snprintf(path, sizeof path, "%s/script", root);
    char *script = content_of(path, &length);
    char *rest = script;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (*line != '\0') {
            do_line(root, directory, line);
        }
    }
    free(script);
    return 0;
}

/* --- a site */

static struct {
    char root[PATH_MAX - 100];
    struct config *config;
    struct keycache *workers[8];
    size_t count;
} site;

static char said[65536]; /* what all workers logged */
static struct test_key *key;
static const struct jwk *found;
static bool (*on_wait)(void); /* asked for each "stopping" */
static bool shared;           /* new workers have the keys of other issuers, too */

static void keep_line(void *context, const char *line, size_t length)
{
    (void)context;
    size_t used = strlen(said);
    if (used + length < sizeof said) {
        memcpy(said + used, line, length);
        said[used + length] = '\0';
    }
}

static const struct log log_to = {.level = LOG_LEVEL_WARN, .write = keep_line};

static bool stopping(void)
{
    return on_wait != NULL && on_wait();
}

__attribute__((format(printf, 1, 2))) static const char *in_site(const char *format, ...)
{
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];
    int head = snprintf(path, sizeof paths[0], "%s/", site.root);
    va_list args;
    va_start(args, format);
    vsnprintf(path + head, sizeof paths[0] - (size_t)head, format, args);
    va_end(args);
    return path;
}

static void end_site(void)
{
    for (size_t i = 0; i < site.count; i++) {
        keycache_free(site.workers[i]);
    }
    config_free(site.config);
    site.config = NULL;
    site.count = 0;
    while (waitpid(-1, NULL, 0) > 0) {
        continue;
    }
}

/* A new one; the one before is gone. `setting`: NAME=value, one more or instead of the usual; or
 * NULL. */
static void new_site(const char *setting)
{
    static unsigned number;
    char cache[PATH_MAX];
    char given[PATH_MAX] = "LANG=C";
    char issuer[] = "AUTH0_ISSUER=https://issuer.example.test/";
    char audience[] = "AUTH0_API_AUDIENCE=api";
    char algorithms[] = "AUTH0_ALGORITHMS=ES256";
    char uri[] = "BEARER_JWKS_URI=" CACHE_URI;
    char *environment[] = {given, issuer, audience, cache, algorithms, uri, NULL};
    struct diag diag = {""};
    end_site();
    snprintf(site.root, sizeof site.root, "%s", at("%u", ++number));
    make_directory(site.root, 0755);
    snprintf(cache, sizeof cache, "BEARER_CACHE_DIR=%s", in_site("cache"));
    if (setting != NULL) {
        snprintf(given, sizeof given, "%s", setting);
    }
    for (size_t i = 1; environment[i] != NULL; i++) {
        if (strncmp(environment[i], given, strcspn(given, "=") + 1) == 0) {
            environment[i] = given;
        }
    }
    const struct config_origin origin = {.environment = environment, .program_owner = (uid_t)-1};
    site.config = config_load(&origin, NULL, &diag);
    if (site.config == NULL) {
        printf("# %s\n", diag.text);
        tempdir_bail("config_load");
    }
    said[0] = '\0';
    on_wait = NULL;
}

static struct keycache *worker_of(const char *refresher, bool may_keep)
{
    const struct keycache_options options = {.refresher = refresher,
                                             .may_keep = may_keep,
                                             .shared = shared,
                                             .stopping = stopping,
                                             .log = &log_to};
    struct keycache *worker = keycache_new(site.config, &options);
    if (worker == NULL || site.count == 8) {
        tempdir_bail("keycache_new");
    }
    return site.workers[site.count++] = worker;
}

__attribute__((unused)) static struct keycache *new_worker(void)
{
    return worker_of(self, true);
}

/* What bearerctl is to do from now on. */
__attribute__((unused)) static void script(const char *text)
{
    put(in_site("script"), text);
}

/* Writes a document with these keys, fetched then, to a file of the site. */
static void document(const char *name, int64_t fetched, const char *const *kids)
{
    char *jwks = jwks_with(key, kids);
    char *text = document_of(CACHE_URI, fetched, jwks);
    put(in_site("%s", name), text);
    free(text);
    free(jwks);
}

#define KIDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Puts such a document into the cache. */
__attribute__((unused)) static void cached(int64_t fetched, const char *const *kids)
{
    size_t length = 0;
    document("put", fetched, kids);
    char *text = content_of(in_site("put"), &length);
    if (!install(in_site("cache"), text, length)) {
        tempdir_bail("install");
    }
    free(text);
}

/* The open record, not locked; the caller's. */
static int open_record(void)
{
    struct cache_names names = {0};
    struct diag diag = {""};
    cache_names(CACHE_URI, NULL, NULL, &names);
    int dir = cache_dir_open(in_site("cache"), (uid_t)-1, &diag);
    int fd = attempt_open(dir, names.record, true, &diag);
    if (fd < 0) {
        tempdir_bail(diag.text);
    }
    close(dir);
    return fd;
}

/* An attempt was made by somebody, then and so. */
__attribute__((unused)) static void attempted(int64_t when, enum attempt_outcome outcome,
                                              const char *reason)
{
    int fd = open_record();
    write_record(fd, when, outcome, reason);
    close(fd);
}

__attribute__((unused)) static struct attempt last_attempt(void)
{
    struct attempt attempt;
    int fd = open_record();
    attempt_read(fd, &attempt);
    close(fd);
    return attempt;
}

/* How often bearerctl was started. */
__attribute__((unused)) static long long starts(void)
{
    struct stat st;
    return stat(in_site("count"), &st) == 0 ? st.st_size : 0;
}

/* How many lines with this were logged. */
__attribute__((unused)) static unsigned lines_with(const char *fragment)
{
    unsigned count = 0;
    for (const char *line = said; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *here = strstr(line, fragment);
        count += here != NULL && here < strchr(line, '\n') ? 1 : 0;
    }
    return count;
}

static enum bearer_code ask(struct keycache *worker, const char *kid, bool may_fetch, int64_t now)
{
    const struct key_query query = {.kid = kid,
                                    .kid_length = kid != NULL ? strlen(kid) : 0,
                                    .alg = JWA_ES256,
                                    .may_fetch = may_fetch,
                                    .now = now};
    found = (const struct jwk *)(const void *)"not touched";
    return keycache_find(worker, &query, &found);
}

/* The answer to a request with this kid, as a token's verification asks: first without leave to
 * fetch, and with it if the kid is unknown and `fits` says that the claims look right. */
static enum bearer_code answer(struct keycache *worker, const char *kid, bool fits, int64_t now)
{
    enum bearer_code code = ask(worker, kid, false, now);
    return code == BEARER_KID_UNKNOWN && fits ? ask(worker, kid, true, now) : code;
}

__attribute__((format(printf, 6, 7), unused)) static void
expect(struct keycache *worker, const char *kid, bool fits, int64_t now, enum bearer_code expected,
       const char *format, ...)
{
    char test[256];
    va_list args;
    va_start(args, format);
    vsnprintf(test, sizeof test, format, args);
    va_end(args);
    next_tick();
    enum bearer_code code = answer(worker, kid, fits, now);
    if (!ok(code == expected && (found != NULL) == (code == BEARER_OK), "%s: %s", test,
            bearer_outcome(expected)->reason)) {
        printf("# got: %s\n# logged: %s\n", bearer_outcome(code)->reason, said);
    }
}

static void keycache_test_begin(void)
{
    size_t length = 0;
    char *program = content_of("/proc/self/exe", &length);
    if (program == NULL) {
        tempdir_bail("/proc/self/exe");
    }
    tempdir_make();
    /* The build may lie below a directory that only root can enter. */
    put_bytes(at("bearerctl"), program, length, 0755);
    snprintf(self, sizeof self, "%s", at("bearerctl"));
    free(program);
    key = test_key_new(JWA_ES256, "k1");
}

static int keycache_test_end(void)
{
    end_site();
    test_key_free(key);
    return tap_done();
}

#endif
