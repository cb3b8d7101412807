/* SPDX-License-Identifier: MIT */
/* Lets every call of a program fail in turn, and looks at what becomes of it.
 *
 *     torture --mode MODE --want WANT --kinds KIND,... --preload FAILING.SO --work DIR --cache DIR [--saved FILE]
 *             --uri URI --ca FILE [--token FILE] [--good FILE] [--step N] PROGRAM [ARGUMENT...]
 *
 * For each kind of call (failing.h) it lets the program do its work with the first such call
 * failing, then with the second, until there are none left; and all that again with every call
 * failing from that one on. MODE: `cgi` a process for each, which answers a request with the token;
 * `fcgi` one worker for all, with the failure armed for one request; `fresh` a worker for each;
 * `run` a command, such as "bearerctl refresh". WANT is what the token deserves: `good` or `bad`.
 * Before each the cache directory is made to hold the saved document or nothing.
 *
 * Each time: an answer that the failure allows, and never a good one for a bad token; no crash; no
 * descriptor and no memory lost; the cache whole; and a worker answers a good request afterwards.
 * Prints a line for each kind, and one for each thing that is wrong. Exits 0 if nothing is, 1, or
 * 64. Where a library gets no memory (`libraries`, `pages`) two of these are its own affair: it may
 * end the process, and libtasn1 loses what it had. */
#include "torture.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* A worker may have to look again for what it could not open: a second at most. */
#define AFTERWARDS_TRIES 4000

/* So many are enough to see what is wrong. */
#define WRONG_MAX 5

/* What came of all failures of a kind. */
struct tally {
    unsigned long calls, good, denied, failed, unavailable, nothing, died;
};

struct torture {
    struct order order;
    char token[20000], good[20000];
    /* Without a failure. */
    int descriptors;
    long blocks;
    struct worker worker;
    unsigned long wrong;
    enum failing_kind kind;
    bool onwards;
    unsigned long nth;
};

static void wrong(struct torture *t, const char *what, const struct outcome *outcome)
{
    t->wrong++;
    printf("WRONG %s %s, %s call %lu%s (%s): %s", t->order.mode, t->order.want,
           failing_kinds[t->kind], t->nth, t->onwards ? " and all after it" : "", failing->where,
           what);
    if (outcome != NULL) {
        printf("; status %u, wait status 0x%x", outcome->status, (unsigned)outcome->wait_status);
    }
    puts("");
}

static void arm(const struct torture *t)
{
    failing->nth = t->nth;
    failing->onwards = t->onwards;
    failing->calls = 0;
    failing->wire = false;
    failing->where[0] = '\0';
    failing->kind = t->kind;
}

static bool is_command(const struct torture *t)
{
    return strcmp(t->order.mode, "run") == 0;
}

/* Where a library, not we, gets no memory: GMP and libfcgi abort, others go on with NULL. */
static bool may_die(const struct torture *t)
{
    return t->kind == FAILING_LIBRARIES || t->kind == FAILING_PAGES;
}

/* libtasn1 loses what it had. */
static bool may_lose(const struct torture *t)
{
    return t->kind == FAILING_PAGES || strncmp(failing->where, "libtasn1.", 9) == 0;
}

static void judge_status(struct torture *t, struct tally *tally, const struct outcome *outcome,
                         bool reached)
{
    unsigned expected = strcmp(t->order.want, "good") == 0 ? 200 : 401;
    tally->good += outcome->status == 200;
    tally->denied += outcome->status == 401;
    tally->failed += outcome->status == 500;
    tally->unavailable += outcome->status == 503;
    tally->nothing += outcome->status == 0;
    if (!reached && outcome->status != expected) {
        wrong(t, "another answer though nothing failed", outcome);
    }
    bool allowed = outcome->status == expected || outcome->status == 500 || outcome->status == 503;
    bool ended = failing->wire || WIFSIGNALED(outcome->wait_status);
    if (outcome->status == 0 ? !ended : !allowed) {
        wrong(t, outcome->status == 0 ? "no answer" : "an answer it must not get", outcome);
    }
}

/* sysexits(3) of bearerctl refresh. */
static void judge_exit(struct torture *t, struct tally *tally, const struct outcome *outcome,
                       bool reached, bool fresh)
{
    static const char allowed[] = {EX_OK,    EX_SOFTWARE, EX_OSERR, EX_CANTCREAT,
                                   EX_IOERR, EX_TEMPFAIL, EX_CONFIG};
    int status = WEXITSTATUS(outcome->wait_status);
    bool known = memchr(allowed, status, sizeof allowed) != NULL;
    tally->good += status == EX_OK;
    tally->failed += status != EX_OK;
    if (!known || (!reached && status != EX_OK)) {
        wrong(t, "another exit status", outcome);
    }
    if (status == EX_OK && !fresh) {
        wrong(t, "success, and the old document", outcome);
    }
}

/* A worker's: whether it could say what it had to. A sanitizer has another one. */
static bool good_exit(const struct outcome *outcome)
{
    return WEXITSTATUS(outcome->wait_status) == EXIT_SUCCESS ||
           (WEXITSTATUS(outcome->wait_status) == EXIT_FAILURE && failing->wire);
}

/* Of a process that came to its end by itself. */
static void judge_end(struct torture *t, const struct outcome *outcome)
{
    if (!is_command(t) && !good_exit(outcome)) {
        wrong(t, "another exit status", outcome);
    }
    if (!failing->ended) {
        wrong(t, "it did not return from main()", outcome);
    } else if (failing->descriptors > t->descriptors) {
        wrong(t, "a descriptor is lost", outcome);
    } else if (failing->blocks_left > t->blocks && !may_lose(t)) {
        printf("# %ld blocks, not %ld\n", failing->blocks_left, t->blocks);
        wrong(t, "memory is lost", outcome);
    }
}

static void judge_process(struct torture *t, struct tally *tally, const struct outcome *outcome,
                          bool reached)
{
    bool fresh = false;
    if (t->nth == 0) {
        t->descriptors = failing->descriptors;
        t->blocks = failing->blocks_left;
    }
    if (!cache_whole(&t->order, &fresh)) {
        wrong(t, "the cache is damaged", NULL);
    }
    if (outcome->hung) {
        wrong(t, "it hangs", outcome);
        return;
    }
    bool died = WIFSIGNALED(outcome->wait_status);
    tally->died += died;
    if (died && !may_die(t)) {
        wrong(t, "it died", outcome);
        return;
    }
    if (!is_command(t)) {
        judge_status(t, tally, outcome, reached);
    } else if (!died) {
        judge_exit(t, tally, outcome, reached, fresh);
    }
    if (!died) {
        judge_end(t, outcome);
    }
}
/* A process of its own. True if the call was there to fail. */
static bool try_process(struct torture *t, struct tally *tally)
{
    struct outcome outcome = {0};
    *failing = (struct failing){0};
    if (!cache_reset(&t->order)) {
        exit(EX_OSERR);
    }
    arm(t);
    if (!process_run(&t->order, is_command(t) ? NULL : t->token, &outcome)) {
        exit(EX_OSERR);
    }
    bool reached = t->nth != 0 && failing->calls >= t->nth;
    judge_process(t, tally, &outcome, reached);
    return reached;
}

/* A worker of its own. */
static bool try_fresh(struct torture *t, struct tally *tally)
{
    struct outcome outcome = {0};
    *failing = (struct failing){0};
    if (!cache_reset(&t->order) || !worker_start(&t->order, &t->worker)) {
        exit(EX_OSERR);
    }
    arm(t);
    worker_ask(&t->worker, t->token, &outcome);
    failing->kind = FAILING_NOTHING;
    bool reached = t->nth != 0 && failing->calls >= t->nth;
    outcome.wait_status = worker_stop(&t->worker);
    judge_process(t, tally, &outcome, reached);
    return reached;
}

/* Good requests, until the worker holds what it held before. */
static void judge_afterwards(struct torture *t)
{
    struct outcome outcome = {0};
    int descriptors = 0;
    long blocks = 0;
    for (int i = 0; i < AFTERWARDS_TRIES && worker_alive(&t->worker); i++) {
        worker_ask(&t->worker, t->good, &outcome);
        descriptors = worker_descriptors(&t->worker);
        blocks = failing->blocks;
        if (outcome.status == 200 && descriptors == t->descriptors &&
            (blocks == t->blocks || may_lose(t))) {
            return;
        }
        (void)poll(NULL, 0, 1);
    }
    printf("# %d descriptors, not %d; %ld blocks, not %ld\n", descriptors, t->descriptors, blocks,
           t->blocks);
    wrong(t, "a good request afterwards does not get 200 and all back", &outcome);
}

static void start_worker(struct torture *t)
{
    struct outcome outcome = {0};
    *failing = (struct failing){0};
    if (!cache_reset(&t->order) || !worker_start(&t->order, &t->worker)) {
        exit(EX_OSERR);
    }
    for (int i = 0; i < 3; i++) { /* what a library keeps, it has then */
        worker_ask(&t->worker, t->token, &outcome);
        worker_ask(&t->worker, t->good, &outcome);
        (void)cache_reset(&t->order);
    }
    (void)worker_settled(
        &t->worker); /* a refresh that the token started has ended, and the next request lets it go */
    worker_ask(&t->worker, t->good, &outcome);
    (void)worker_settled(&t->worker);
    t->descriptors = worker_descriptors(&t->worker);
    t->blocks = failing->blocks;
}

/* One request to the one worker. */
static bool try_request(struct torture *t, struct tally *tally)
{
    struct outcome outcome = {0};
    bool fresh = false;
    if (t->nth == 0) {
        start_worker(t);
    }
    if (!cache_reset(&t->order)) {
        exit(EX_OSERR);
    }
    if (!worker_settled(&t->worker)) {
        wrong(t, "it does not take requests any more", &outcome);
    }
    arm(t);
    worker_ask(&t->worker, t->token, &outcome);
    failing->kind = FAILING_NOTHING;
    bool reached = t->nth != 0 && failing->calls >= t->nth;
    bool alive = worker_settled(&t->worker);
    if (!alive) {
        outcome.wait_status = worker_stop(&t->worker);
        tally->died++;
        if (!may_die(t) || !WIFSIGNALED(outcome.wait_status)) {
            wrong(t, "the worker died", &outcome);
        }
    }
    judge_status(t, tally, &outcome, reached);
    if (!cache_whole(&t->order, &fresh)) {
        wrong(t, "the cache is damaged", NULL);
    }
    if (!alive) {
        start_worker(t);
    }
    if (!cache_reset(&t->order)) {
        exit(EX_OSERR);
    }
    judge_afterwards(t);
    if (may_lose(t)) { /* a new one: how much it is does not matter */
        (void)worker_stop(&t->worker);
        start_worker(t);
    }
    return reached;
}

static bool try(struct torture *t, struct tally *tally)
{
    if (strcmp(t->order.mode, "fcgi") == 0) {
        return try_request(t, tally);
    }
    return strcmp(t->order.mode, "fresh") == 0 ? try_fresh(t, tally) : try_process(t, tally);
}

static void torture_kind(struct torture *t)
{
    for (int onwards = 0; onwards < (t->kind == FAILING_PAGES ? 1 : 2); onwards++) {
        struct tally tally = {0};
        t->onwards = onwards == 1;
        for (t->nth = 1; t->wrong < WRONG_MAX && try(t, &tally); t->nth += t->order.step) {
            tally.calls++;
        }
        printf(
            "%s %s: %lu %s calls failed%s: 200 %lu, 401 %lu, 500 %lu, 503 %lu, none %lu, died %lu\n",
            t->order.mode, t->order.want, tally.calls, failing_kinds[t->kind],
            t->onwards ? ", with all after them" : "", tally.good, tally.denied, tally.failed,
            tally.unavailable, tally.nothing, tally.died);
        fflush(stdout);
    }
}

static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ','), at = at != NULL ? at + 1 : NULL) {
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static void torture(struct torture *t)
{
    struct tally unused = {0};
    t->nth = 0; /* how it is without a failure */
    (void)try(t, &unused);
    for (int kind = FAILING_NOTHING + 1; kind < FAILING__MAX; kind++) {
        t->kind = (enum failing_kind)kind;
        if (is_listed(t->order.kinds, failing_kinds[kind])) {
            torture_kind(t);
        }
    }
    if (t->worker.pid != 0 && strcmp(t->order.mode, "fcgi") == 0) {
        (void)worker_stop(&t->worker);
    }
}

static void read_token(const char *path, char *out, size_t size)
{
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    size_t length = file != NULL ? fread(out, 1, size - 1, file) : 0;
    out[length] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (file != NULL) {
        fclose(file);
    }
}

static bool read_options(int argc, char **argv, struct order *order)
{
    const char *step = NULL;
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"--mode", &order->mode},       {"--want", &order->want},   {"--kinds", &order->kinds},
        {"--preload", &order->preload}, {"--cache", &order->cache}, {"--saved", &order->saved},
        {"--uri", &order->uri},         {"--ca", &order->ca},       {"--token", &order->token},
        {"--good", &order->good},       {"--work", &order->work},   {"--step", &step}};
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        bool known = false;
        for (size_t j = 0; j < sizeof options / sizeof options[0]; j++) {
            if (strcmp(options[j].name, argv[i]) == 0) {
                *options[j].value = argv[i + 1];
                known = true;
            }
        }
        if (!known) {
            return false;
        }
    }
    order->argv = argv + i;
    order->step = step != NULL ? strtoul(step, NULL, 10) : 1;
    return i < argc && order->mode != NULL && order->want != NULL && order->kinds != NULL &&
           order->preload != NULL && order->cache != NULL && order->work != NULL &&
           order->uri != NULL && order->ca != NULL && order->step > 0;
}

int main(int argc, char **argv)
{
    static struct torture t;
    if (!read_options(argc, argv, &t.order)) {
        fputs("torture: its options are at the top of tests/support/torture.c\n", stderr);
        return EX_USAGE;
    }
    if (!process_setup(&t.order)) {
        return EX_OSERR;
    }
    read_token(t.order.token, t.token, sizeof t.token);
    read_token(t.order.good, t.good, sizeof t.good);
    torture(&t);
    return t.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
