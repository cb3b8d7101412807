/* SPDX-License-Identifier: MIT */
/* The file of revoked tokens, which changes while a process runs: from when on a line counts, and
 * what is said about a list that does not. The clocks are the test's own. */
#include "door/revocations.h"

#include <time.h>

#include "config/config_watch.h"
#include "json/json.h"

#include "tap.h"
#include "tempdir.h"

#define EVERY INT64_MAX

/* The linker sends what of ours asks a clock here (--wrap). */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static int64_t now_ms = INT64_C(1700000000000);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC_COARSE) {
        return __real_clock_gettime(clock, now);
    }
    *now = (struct timespec){.tv_sec = now_ms / 1000, .tv_nsec = now_ms % 1000 * 1000000};
    return 0;
}

static char logged[8192];

static void collect(void *context, const char *line, size_t length)
{
    (void)context;
    size_t used = strlen(logged);
    snprintf(logged + used, sizeof logged - used, "%.*s", (int)length, line);
}

static const struct log keep = {.level = LOG_LEVEL_INFO, .write = collect};
static struct config config = {.program_owner = (uid_t)-1};
static struct revocations *list;
static char file[8300];

static bool begin(struct diag *diag)
{
    logged[0] = '\0';
    return revocations_open(&config, 1, &list, diag);
}

static void end(void)
{
    revocations_free(list);
    list = NULL;
}

static void set_age(const char *path, int64_t age_ms)
{
    const int64_t then = now_ms - age_ms;
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW},
                                      {.tv_sec = then / 1000, .tv_nsec = then % 1000 * 1000000}};
    if (utimensat(AT_FDCWD, path, times, 0) != 0) {
        tempdir_bail(path);
    }
}

/* By rename. */
static void replace(const char *text, int64_t age_ms)
{
    char next[8320];
    snprintf(next, sizeof next, "%s.new", file);
    put(next, text);
    set_age(next, age_ms);
    if (rename(next, file) != 0) {
        tempdir_bail(file);
    }
}

/* In place. */
static void rewrite(const char *text, int64_t age_ms)
{
    put(file, text);
    set_age(file, age_ms);
}

/* The user's token, as a worker remembers it. */
static bool is_named(const char *sub)
{
    char claims[64];
    struct token token = {0};
    snprintf(claims, sizeof claims, "{\"sub\":\"%s\"}", sub);
    token.claims = js_parse(claims, strlen(claims), NULL);
    const struct revoked_line *line = revocations_find(list, &token, now_ms / 1000);
    js_free(token.claims);
    return line != NULL;
}

/* A look so many ms later: when the next is wanted, and who is on the list ("a", "ab", "": none). */
static void look(int64_t later, int64_t wanted, const char *who, const char *test)
{
    char named[4] = "";
    now_ms += later;
    int64_t wait = revocations_look(list, &keep);
    snprintf(named, sizeof named, "%s%s%s", is_named("a") ? "a" : "", is_named("b") ? "b" : "",
             is_named("c") ? "c" : "");
    if (!ok(wait == wanted && strcmp(named, who) == 0, "%s", test)) {
        printf("# wait %lld, named: %s\n", (long long)wait, named);
    }
}

static void said(const char *what, const char *test)
{
    if (what == NULL) {
        is_string(logged, "", "%s", test);
    } else {
        has(logged, test, what, NULL);
    }
    logged[0] = '\0';
}

static void refused(const char *test, const char *one, const char *other)
{
    struct diag diag = {""};
    bool good = begin(&diag);
    ok(!good && list == NULL, "%s: refused", test);
    has(diag.text, test, "BEARER_REVOKED_FILE: ", one, other, NULL);
    end();
}

static void at_start(void)
{
    struct diag diag = {""};
    char line[8400];
    config.revoked_file = NULL;
    ok(begin(&diag) && list == NULL, "no file is named: there is no list");
    is_number(revocations_look(list, &keep), EVERY, "and nothing to look at");

    config.revoked_file = file;
    refused("missing", "is missing", "install -m 644 /dev/null ");
    replace("sub=a\nsubb=x\n", 5000);
    snprintf(line, sizeof line, "%s: line 2: ", file);
    refused("a bad line", line, "'subb='");
    replace("sub=a\n", 5000);
    chmod(file, 0666);
    refused("others may write it", file, "chmod");
    chmod(file, 0644);
    ok(begin(&diag), "a good one");
    ok(is_named("a") && !is_named("b"), "counts at once");
    is_number(revoked_count(revocations_list(list)), 1, "with its lines");
    end();
}

static void changes(void)
{
    struct diag diag = {""};
    replace("sub=a\n", 5000);
    begin(&diag);
    look(1000, EVERY, "a", "nothing has changed");
    replace("sub=a\nsub=b\n", 5000);
    look(1000, EVERY, "ab", "one in its place counts at the next look");
    said("info: list of revoked tokens read again from ", "which is said");
    replace("sub=b\n", 5000);
    look(1000, EVERY, "b", "what is off the list is let in again");
    logged[0] = '\0';

    replace("sub=c\nnonsense\n", 5000);
    look(1000, EVERY, "b", "a bad one is not used");
    said("error: the changed list of revoked tokens is not used, and the one read before stays in "
         "use: ",
         "which is said");
    look(1000, EVERY, "b", "nor later");
    said(NULL, "it is not said again");
    unlink(file);
    look(1000, EVERY, "b", "one that is gone leaves the list");
    said("is missing; put it back", "which is said");
    look(1000, EVERY, "b", "for as long as it is gone");
    said(NULL, "it is not said again");
    replace("sub=c\n", 5000);
    look(1000, EVERY, "c", "there again");
    said("read again", "is said");
    end();
}

/* What is being written, or may be. */
static void young(void)
{
    struct diag diag = {""};
    replace("sub=a\n", 5000);
    begin(&diag);
    look(1000, EVERY, "a", "as it was");
    rewrite("sub=a\nsub=b\n", 0);
    look(50, CONFIG_SETTLE_MS, "a", "written to 50 ms ago: looked at again soon");
    look(50, EVERY, "ab", "settled");

    now_ms += 1000;
    for (int i = 0; i < 4; i++) {
        rewrite(i % 2 == 0 ? "sub=b\nsub=c\n" : "sub=c\nsub=b\n", 0);
        look(0, CONFIG_SETTLE_MS, "ab", "written to all the time");
        now_ms += 50;
    }
    rewrite("sub=c\nsub=b\n", 0);
    look(0, CONFIG_SETTLE_MS, "bc", "counts when the list is 1.2 s old, though it is young");
    look(99, CONFIG_SETTLE_MS, "bc", "what was read so");
    logged[0] = '\0';
    look(1, EVERY, "bc", "is read once more when it has settled");
    said("read again", "to be sure of it");
    look(1000, EVERY, "bc", "and then no more");
    said(NULL, "nothing is said");

    now_ms += 60000;
    rewrite("sub=a\nsub=b\nsub=c\n", 0);
    look(0, CONFIG_SETTLE_MS, "abc", "after an idle minute what is young counts at once");
    look(CONFIG_SETTLE_MS, EVERY, "abc", "settled");
    now_ms += 60000;
    rewrite("", 0);
    look(0, CONFIG_SETTLE_MS, "abc", "but not what is shorter: somebody may just begin to write");
    rewrite("sub=c\n", 0);
    look(50, CONFIG_SETTLE_MS, "c", "for one look");
    look(CONFIG_SETTLE_MS, EVERY, "c", "settled");
    rewrite("sub=a\n", -3600000);
    look(1000, EVERY, "a", "a time in the future says nothing");
    end();

    replace("sub=a\n", 0);
    begin(&diag);
    rewrite("sub=b\n", 0);
    look(1000, EVERY, "b", "what was young at the start is read once more");
    end();
}

/* What a remembered token keeps. */
static void remembered(void)
{
    struct diag diag = {""};
    struct token token = {0};
    static const char claims[] = "{\"sub\":\"c\"}";
    token.claims = js_parse(claims, strlen(claims), NULL);
    replace("sub=a\n", 5000);
    begin(&diag);
    ok(revocations_find(list, &token, 0) == NULL && token.unrevoked != 0,
       "not named, which it keeps");
    const uint64_t version = token.unrevoked;
    struct json_object *hidden = token.claims;
    token.claims = NULL;
    ok(revocations_find(list, &token, 0) == NULL && token.unrevoked == version,
       "and is not asked about again");
    token.claims = hidden;
    replace("sub=c until=2000\n", 5000);
    look(1000, EVERY, "", "another list");
    ok(revocations_find(list, &token, 1999) != NULL, "it is named");
    ok(revocations_find(list, &token, 1999) != NULL, "as often as it is asked");
    ok(revocations_find(list, &token, 2000) == NULL, "until then");
    js_free(token.claims);
    end();
}

int main(void)
{
    tempdir_make();
    snprintf(file, sizeof file, "%s", at("revoked"));
    at_start();
    changes();
    young();
    remembered();
    return tap_done();
}
