/* bearerctl refresh: fetches the signing keys into the cache file. Spawned by a worker it inherits the lock; by hand it takes it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"
#include "cachefile.h"
#include "cacheowner.h"
#include "cleanup.h"
#include "commands.h"
#include "config.h"
#include "json.h"
#include "keyset.h"
#include "keysource.h"
#include "safefile.h"
#include "workerorigin.h"
#include "refresher.h"

/* A refresh by hand waits so long for one that is under way. */
#define LOCK_WAIT_MS 15000

/* Nothing here takes longer: whatever hangs, the lock is free again then. */
#define LIFE_SECONDS 30

const char refresh_help[] =
    "Usage: bearerctl refresh\n"
    "\n"
    "Fetches the signing keys (JWKS) of the configured issuer over HTTPS into the cache directory, which all "
    "workers share, now:\n"
    "the cooldown between refreshes does not hold here. Workers start this by themselves; with "
    "BEARER_REFRESH=external cron or a\n"
    "timer has to. Run by root it works as the owner of the cache directory.\n"
    "\n"
    "  --lock-fd=3, --result-fd=4   for workers: descriptors of the held lock and of a pipe for a result the "
    "cache cannot take\n"
    "\n"
    "exit status: 0 the keys are fresh, 64 usage, 73 the cache cannot be written, 74 standard output cannot "
    "be "
    "written,\n"
    "75 the keys cannot be fetched (the old ones stay), 78 configuration\n";

struct refresh {
    const struct cli *cli;
    struct config *config;
    const char *uri; /* that names the cache file; the configuration's */
    struct cache_names names;
    int dir;              /* -1: no usable one */
    struct diag dir_flaw; /* why */
    int record;           /* locked; -1: none */
    int result;           /* -1: none */
    bool by_hand;
};

static void clear_refresh(struct refresh *refresh)
{
    config_free(refresh->config);
    if (refresh->dir >= 0) {
        close(refresh->dir);
    }
    if (refresh->record >= 0) {
        close(refresh->record);
    }
}

/* Every key of the document, for somebody who watches. */
static void show_key(void *context, size_t index, const char *kid, size_t kid_length, enum jwk_fit fit)
{
    char shown[128];
    (void)context;
    if (fit != JWK_ELIGIBLE) {
        fprintf(stderr, "key %zu, kid \"%s\", is skipped: %s\n", index + 1,
                log_escape(shown, sizeof shown, kid != NULL ? kid : "", kid_length), jwk_fit_text(fit));
    }
}

/* The eligible keys must hold at least one that this configuration can use: a useless document never replaces a good one. */
static bool check_keys(const struct refresh *refresh, const struct json_object *jwks,
                       const struct keyset_visitor *visitor, size_t *count, struct diag *diag)
{
    struct keyset *keys CLEANUP(keyset_cleanup) = keyset_make(jwks, refresh->config->algs, visitor, diag);
    *count = keys != NULL ? keyset_count(keys) : 0;
    return keys != NULL;
}

/* Puts the document where workers find it: the cache, else the pipe to the one that asked. */
static int store(const struct refresh *refresh, const struct cached *fresh, const struct json_object *jwks,
                 struct diag *diag)
{
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = cache_compose(refresh->uri, fresh, jwks, &length);
    if (text == NULL) {
        diag_set(diag, "out of memory, or the keys make a file of more than 1 MiB");
        return EX_TEMPFAIL;
    }
    if (refresh->dir < 0) {
        *diag = refresh->dir_flaw;
    } else if (cache_write(refresh->dir, &refresh->names, text, length, diag)) {
        return EXIT_SUCCESS;
    }
    bool sent = refresh->result >= 0 && safe_write_all(refresh->result, text, length);
    /* Under the lock it is for all workers: what only one of them gets is no success. */
    return sent && refresh->record < 0 ? EXIT_SUCCESS : EX_CANTCREAT;
}

/* Fetches, checks and stores; `old` is what the cache holds (json NULL: nothing). */
static int update(const struct refresh *refresh, const struct cached *old, size_t *count, struct diag *diag)
{
    struct fetch_response response CLEANUP(fetch_clear) = {0};
    struct json_object *jwks CLEANUP(js_cleanup) = NULL;
    enum cause cause = CAUSE_OTHER;
    char *uri CLEANUP(cleanup_free) = keysource_uri(refresh->config, &cause, diag);
    if (uri == NULL) {
        return EX_TEMPFAIL;
    }
    /* Validators count only if what they stand for is here, and came from this URI. */
    bool same = old->json != NULL && old->jwks_uri != NULL && strcmp(old->jwks_uri, uri) == 0 &&
                check_keys(refresh, old->json, NULL, count, diag);
    enum fetch_result result = keysource_fetch(refresh->config, uri, same ? old->etag : NULL,
                                               same ? old->last_modified : NULL, &jwks, &response, diag);
    if (result == FETCH_FAILED) {
        return EX_TEMPFAIL;
    }
    struct cached fresh = {.fetched = time(NULL),
                           .jwks_uri = uri,
                           .etag = response.etag[0] != '\0' ? response.etag : NULL,
                           .last_modified =
                               response.last_modified[0] != '\0' ? response.last_modified : NULL};
    if (result == FETCH_NOT_MODIFIED) {
        fresh.etag = old->etag;
        fresh.last_modified = old->last_modified;
        return store(refresh, &fresh, old->json, diag);
    }
    const struct keyset_visitor show = {.visit = show_key};
    if (!check_keys(refresh, jwks, refresh->by_hand ? &show : NULL, count, diag)) {
        diag_wrap(diag, "%s", uri);
        return EX_TEMPFAIL;
    }
    return store(refresh, &fresh, jwks, diag);
}

static void record_outcome(const struct refresh *refresh, int64_t when, int status, const struct diag *diag)
{
    struct attempt attempt = {.when = when,
                              .outcome = status == EXIT_SUCCESS   ? ATTEMPT_SUCCEEDED
                                         : status == EX_CANTCREAT ? ATTEMPT_UNSTORED
                                                                  : ATTEMPT_FAILED};
    if (status != EXIT_SUCCESS) {
        attempt_reason(&attempt, diag->text);
    }
    if (refresh->record >= 0 && !attempt_write(refresh->record, &attempt) && refresh->by_hand) {
        (void)cli_fail(refresh->cli, 0, "the outcome could not be recorded in the cache directory: %s",
                       strerror(errno));
    }
}

static int run_locked(const struct refresh *refresh)
{
    struct cached old CLEANUP(cached_clear) = {0};
    struct stat identity = {0};
    struct diag diag = {0};
    struct diag ignored = {0}; /* a damaged cache is a miss: it is about to be replaced */
    struct attempt attempt = {.when = time(NULL), .outcome = ATTEMPT_RUNNING};
    size_t count = 0;
    if (refresh->by_hand && !attempt_write(refresh->record, &attempt)) {
        return cli_fail(refresh->cli, EX_CANTCREAT,
                        "the refresh cannot be recorded in the cache directory: %s", strerror(errno));
    }
    if (!refresh->by_hand && refresh->record >= 0) {
        attempt_read(refresh->record, &attempt); /* the worker stamped it */
    }
    if (refresh->dir >= 0) {
        (void)cache_read(refresh->dir, &refresh->names, refresh->uri, &identity, &old, &ignored);
    }
    int status = update(refresh, &old, &count, &diag);
    record_outcome(refresh, attempt.when, status, &diag);
    if (status != EXIT_SUCCESS) {
        return cli_fail(refresh->cli, status, "%s", diag.text);
    }
    if (refresh->by_hand) {
        printf("%zu usable key%s from %s in %s/%s\n", count, count == 1 ? "" : "s", refresh->uri,
               refresh->config->cache_dir, refresh->names.document);
    }
    return EXIT_SUCCESS;
}

/* -1: we have the lock; else the exit status. */
static int lock_by_hand(const struct refresh *refresh)
{
    bool locked = attempt_lock(refresh->record, 0, NULL);
    if (!locked && errno == EWOULDBLOCK) {
        fprintf(stderr, "waiting for a refresh that is under way\n");
        locked = attempt_lock(refresh->record, LOCK_WAIT_MS, NULL);
    }
    if (locked) {
        return -1;
    }
    if (errno == EWOULDBLOCK) {
        return cli_fail(refresh->cli, EX_TEMPFAIL, "another refresh does not end; try again");
    }
    return cli_fail(refresh->cli, EX_CANTCREAT,
                    "the record %s in the cache directory cannot be locked: %s; set BEARER_CACHE_DIR to a "
                    "directory on another file system",
                    refresh->names.record, strerror(errno));
}

/* By hand: takes the lock, as the owner of the directory. -1 to go on, else the exit status. */
static int prepare_by_hand(struct refresh *refresh)
{
    struct diag diag = {0};
    const char *path = refresh->config->cache_dir;
    bool root = geteuid() == 0;
    if (!cacheowner_become(path, &diag)) {
        return cli_fail(refresh->cli, EX_CANTCREAT, "%s", diag.text);
    }
    refresh->dir = cache_dir_open(path, refresh->config->program_owner, &diag);
    if (refresh->dir >= 0) {
        refresh->record = attempt_open(refresh->dir, refresh->names.record, true, &diag);
    }
    if (refresh->record < 0) {
        return cli_fail(refresh->cli, EX_CANTCREAT, "%s", diag.text);
    }
    if (root) {
        printf("cache directory %s, as uid %ld\n", path, (long)geteuid());
    }
    if (geteuid() == 0) {
        (void)cli_fail(refresh->cli, 0,
                       "warning: the cache directory belongs to root; workers that run as another user do "
                       "not use it. Make one that "
                       "belongs to them (chown) or set BEARER_CACHE_DIR");
    }
    return lock_by_hand(refresh);
}

/* -1 to go on, else the exit status. */
static int load(struct refresh *refresh, struct diag *diag)
{
    struct config_origin origin CLEANUP(config_origin_clear) = {0};
    (void)worker_origin(&origin);  /* what the workers read, not what is beside this program */
    origin.any_cache_owner = true; /* root: whosever it is, their user is what we become */
    refresh->config = config_load(&origin, NULL, diag);
    if (refresh->config == NULL) {
        return cli_fail(refresh->cli, EX_CONFIG, "%s", diag->text);
    }
    refresh->uri = config_keys_uri(refresh->config);
    if (refresh->uri == NULL) {
        printf("The keys are read from %s by the workers themselves: there is nothing to refresh.\n",
               refresh->config->jwks_file);
        return EXIT_SUCCESS;
    }
    cache_names(refresh->uri, &refresh->names);
    return -1;
}

/* From a worker: the lock is ours already, and so is the user. */
static int run_spawned(struct refresh *refresh, bool locked)
{
    struct diag diag = {0};
    struct attempt attempt = {0};
    (void)alarm(LIFE_SECONDS);
    (void)signal(SIGPIPE, SIG_IGN); /* the worker may be gone; the cache is for the others too */
    (void)fcntl(REFRESHER_LOCK_FD, F_SETFD, FD_CLOEXEC);
    (void)fcntl(REFRESHER_RESULT_FD, F_SETFD, FD_CLOEXEC);
    refresh->record = locked ? REFRESHER_LOCK_FD : -1;
    refresh->result = REFRESHER_RESULT_FD;
    int status = load(refresh, &diag);
    if (status >= 0) {
        if (locked) {
            attempt_read(refresh->record, &attempt);
            record_outcome(refresh, attempt.when, status, &diag);
        }
        return status;
    }
    refresh->dir = locked ? cache_dir_open(refresh->config->cache_dir, refresh->config->program_owner,
                                           &refresh->dir_flaw)
                          : -1;
    return run_locked(refresh);
}

static int run_by_hand(struct refresh *refresh)
{
    struct diag diag = {0};
    refresh->by_hand = true;
    int status = load(refresh, &diag);
    if (status < 0) {
        status = prepare_by_hand(refresh);
    }
    return status >= 0 ? status : run_locked(refresh);
}

static bool is_open(int fd, mode_t type)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

/* What the options name are the descriptors a worker hands over: a pipe, and a file whose lock is ours, which taking it again shows. Anything else
 * could be overwritten. */
static bool good_descriptors(bool locked)
{
    return is_open(REFRESHER_RESULT_FD, S_IFIFO) &&
           (!locked || (is_open(REFRESHER_LOCK_FD, S_IFREG) && attempt_lock(REFRESHER_LOCK_FD, 0, NULL)));
}

int refresh_run(const struct cli *cli)
{
    struct refresh refresh CLEANUP(clear_refresh) = {.cli = cli, .dir = -1, .record = -1, .result = -1};
    const char *lock = NULL;
    const char *result = NULL;
    const struct cli_option options[] = {
        {.name = "--lock-fd", .value = &lock}, {.name = "--result-fd", .value = &result}, {.name = NULL}};
    int status = cli_parse(cli, options, NULL, NULL);
    if (status >= 0) {
        return status;
    }
    if ((lock != NULL && strcmp(lock, "3") != 0) || (result != NULL && strcmp(result, "4") != 0) ||
        (lock != NULL && result == NULL) || (result != NULL && !good_descriptors(lock != NULL))) {
        return cli_usage(cli, "--lock-fd=3 and --result-fd=4 are for workers only");
    }
    return result != NULL ? run_spawned(&refresh, lock != NULL) : run_by_hand(&refresh);
}
