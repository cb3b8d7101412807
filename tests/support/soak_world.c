/* SPDX-License-Identifier: MIT */
/* What is true at a moment: the key cache as the workers have it, the issuer and the web server as
 * whoever stops and starts them says. And whether the one agrees with the other: refreshes succeed
 * while the issuer is up and fail while it is not, and there are no more of them than the settings
 * permit. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "soak.h"

bool world_open(struct world *world, const char *cache_dir, const char *uri, const char *ca,
                const struct settings *settings)
{
    *world = (struct world){.settings = *settings, .issuer = ISSUER_UP, .record = -1};
    cache_names(uri, ca, NULL, &world->names);
    world->dir = open(cache_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (world->dir < 0) {
        fprintf(stderr, "soak: %s: %s\n", cache_dir, strerror(errno));
    }
    return world->dir >= 0;
}

void world_close(struct world *world)
{
    while (world->last.view != NULL) {
        struct view *gone = world->last.view;
        world->last.view = gone->older;
        free(gone->text);
        free(gone);
    }
    while (world->last.record != NULL) {
        struct record *gone = world->last.record;
        world->last.record = gone->older;
        free(gone);
    }
    close(world->dir);
    if (world->record >= 0) {
        close(world->record);
    }
}

static void wrong(struct world *world, const char *what, int64_t first, int64_t second)
{
    world->wrong++;
    fprintf(stderr, "WRONG: %s (%" PRId64 ", %" PRId64 "; now %" PRId64 ")\n", what, first, second,
            (int64_t)time(NULL));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct view *read_view(const struct world *world)
{
    struct view *view CLEANUP(cleanup_free) = calloc(1, sizeof *view);
    int fd CLEANUP(cleanup_fd) = openat(world->dir, world->names.document, O_RDONLY | O_CLOEXEC);
    if (view == NULL || fd < 0 || fstat(fd, &view->identity) != 0) {
        return NULL;
    }
    char *text CLEANUP(cleanup_free) = calloc(1, (size_t)view->identity.st_size + 1);
    if (text == NULL || read(fd, text, (size_t)view->identity.st_size) != view->identity.st_size) {
        return NULL;
    }
    const char *fetched = strstr(text, "\"fetched\":");
    view->fetched = fetched != NULL ? strtoll(fetched + strlen("\"fetched\":"), NULL, 10) : 0;
    view->text = steal(&text);
    return steal(&view);
}

/* The issuer has been as it is for all of the time since `since`. */
static bool steady(const struct world *world, enum issuer_state state, int64_t since)
{
    return world->issuer == state && since > world->issuer_since;
}

static int64_t microseconds(void)
{
    struct timespec clock = {0};
    clock_gettime(CLOCK_MONOTONIC, &clock);
    return (int64_t)clock.tv_sec * 1000000 + clock.tv_nsec / 1000;
}

static void look_at_view(struct world *world)
{
    struct stat status;
    if (fstatat(world->dir, world->names.document, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        (world->last.view != NULL && same_file(&status, &world->last.view->identity))) {
        return;
    }
    struct view *view = read_view(world);
    if (view == NULL) {
        return; /* replaced meanwhile: at the next look */
    }
    view->older = world->last.view;
    view->seen = microseconds();
    world->views++;
    if (steady(world, ISSUER_DOWN, view->fetched)) {
        wrong(world, "keys were fetched while the issuer was down: fetched, down since",
              view->fetched, world->issuer_since);
    }
    world->last.view = view;
}

/* When the keys were fetched that were there before an attempt. Its own may be there by now. */
static int64_t fetched_before(const struct world *world, int64_t when)
{
    const struct view *view = world->last.view;
    while (view != NULL && view->fetched >= when) {
        view = view->older;
    }
    return view != NULL ? view->fetched : 0;
}

/* A new attempt: was it time for one? */
static void check_start(struct world *world, int64_t when)
{
    const struct record *last = world->last.record;
    const int64_t fetched = fetched_before(world, when);
    if (last != NULL && when - last->when < world->settings.cooldown) {
        wrong(world, "a refresh within the cooldown: before, then", last->when, when);
    }
    if (last != NULL && last->outcome == ATTEMPT_SUCCEEDED && world->unknown_running == 0 &&
        world->unknown_last < fetched && when - fetched < world->settings.ttl) {
        wrong(world, "a refresh of keys that were not due: fetched, then", fetched, when);
    }
    if (fetched != 0 && steady(world, ISSUER_UP, fetched) && world->server_since < fetched &&
        when - fetched >= world->settings.max_stale) {
        wrong(world, "the keys went stale before they were refreshed: fetched, then", fetched,
              when);
    }
}

/* On a machine so busy that a fetch is not made in time, that it failed says nothing. */
static void check_end(struct world *world, const struct attempt *attempt)
{
    if (attempt->outcome == ATTEMPT_SUCCEEDED && steady(world, ISSUER_DOWN, attempt->when)) {
        wrong(world, "a refresh succeeded while the issuer was down: then, down since",
              attempt->when, world->issuer_since);
    }
    if (attempt->outcome == ATTEMPT_FAILED && steady(world, ISSUER_UP, attempt->when) &&
        strstr(attempt->reason, "timed out") == NULL) {
        wrong(world, "a refresh failed while the issuer was up: then, up since", attempt->when,
              world->issuer_since);
        fprintf(stderr, "       because: %s\n", attempt->reason);
    }
}

static void add_record(struct world *world, int64_t when, enum attempt_outcome outcome)
{
    struct record *record = calloc(1, sizeof *record);
    if (record == NULL) {
        abort();
    }
    *record = (struct record){.older = world->last.record, .when = when, .outcome = outcome};
    world->last.record = record;
}

/* Another one runs already: how the last one ended went unseen. It is what the issuer let it be,
 * or, where that changed, either. */
static void add_unseen_end(struct world *world, int64_t when)
{
    if (!steady(world, ISSUER_DOWN, when)) {
        add_record(world, when, ATTEMPT_SUCCEEDED);
    }
    if (!steady(world, ISSUER_UP, when)) {
        add_record(world, when, ATTEMPT_FAILED);
    }
}

static void look_at_record(struct world *world)
{
    struct attempt attempt = {0};
    const struct record *last = world->last.record;
    if (world->record < 0) {
        world->record = openat(world->dir, world->names.record, O_RDONLY | O_CLOEXEC);
    }
    attempt_read(world->record, &attempt);
    if (attempt.when == 0 ||
        (last != NULL && attempt.when == last->when && attempt.outcome == last->outcome)) {
        return;
    }
    /* One that had ended and runs again is another one, in the same second. */
    if (last == NULL || attempt.when != last->when || last->outcome != ATTEMPT_RUNNING) {
        world->attempts++;
        check_start(world, attempt.when);
    }
    if (last != NULL && last->outcome == ATTEMPT_RUNNING && attempt.when != last->when) {
        add_unseen_end(world, last->when);
    }
    check_end(world, &attempt);
    add_record(world, attempt.when, attempt.outcome);
}

/* The record first: a refresh that it calls a success has replaced the file before. */
void world_look(struct world *world, struct moment *moment)
{
    look_at_record(world);
    look_at_view(world);
    world->last.microsecond = microseconds();
    world->last.second = time(NULL);
    world->last.restarts = world->restarts;
    *moment = world->last;
}

void world_issuer(struct world *world, enum issuer_state state)
{
    world->issuer = state;
    world->issuer_since = time(NULL);
}

void world_restart(struct world *world, bool changing)
{
    world->restarts += (world->restarts % 2 != 0) == changing ? 0 : 1;
    world->server_since = time(NULL);
}
