/* SPDX-License-Identifier: MIT */
/* bearerctl refresh: fetches the signing keys into the cache file. Spawned by a worker it inherits
 * the lock; by hand it takes it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config/config_load.h"
#include "ctl/cacheowner.h"
#include "ctl/commands.h"
#include "ctl/refresh/fetched.h"
#include "ctl/workerorigin.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "keys/attempt.h"
#include "keys/cachefile.h"
#include "keys/refresher.h"
#include "keys/renewal.h"

/* A refresh by hand waits so long for one that is under way. */
#define LOCK_WAIT_MS 15000

/* Nothing here takes longer: whatever hangs, the lock is free again then. */
#define LIFE_SECONDS 30

const char refresh_help[] =
    "Usage: bearerctl refresh [--profile NAME] [--forget]\n"
    "\n"
    "Fetches the signing keys (JWKS) of the configured issuers over HTTPS into the cache\n"
    "directory, which all workers share. It does so at once, whatever the cooldown between\n"
    "refreshes. Workers start it by themselves; with BEARER_REFRESH=external cron or a timer\n"
    "has to. Run by root it works as the owner of the cache directory. An issuer that does\n"
    "not answer keeps no other one from being asked.\n"
    "\n"
    "A key set without a usable key withdraws all keys at once. With BEARER_REFRESH=external,\n"
    "and no terminal as standard input (as under cron), it withdraws them when it fetches\n"
    "such a key set a second time, BEARER_JWKS_COOLDOWN later.\n"
    "\n"
    "  --profile NAME               of this profile only: default, or NAME of NAME.env\n"
    "  --forget                     drop the keys that workers have before any are fetched:\n"
    "                               without new ones every token is refused\n"
    "  --lock-fd=3, --result-fd=4   for workers: descriptors of the held lock, and of a pipe\n"
    "                               for a result that the cache cannot take\n"
    "  --if-changed                 for workers: ask whether the keys have changed, and\n"
    "                               believe a no for an hour\n"
    "\n"
    "exit status: 0 the keys are fresh, 64 usage, 73 the cache cannot be written, 74 standard\n"
    "output cannot be written, 75 the keys cannot be fetched (the old ones stay,\n"
    "unless --forget dropped them), 78 configuration\n";

struct refresh {
    const struct cli *cli;
    /* all profiles */
    struct config *all;
    /* the one of them whose keys are fetched */
    const struct config *config;
    /* what a message about it begins with, where there is more than one */
    char prefix[CONFIG_PROFILE_NAME_MAX + sizeof "profile : "];
    struct renewal renewal;
    bool by_hand;
    /* the keys that are held are dropped, and none fetched */
    bool forgetting;
};

static void clear_refresh(struct refresh *refresh)
{
    config_free(refresh->all);
    if (refresh->renewal.dir >= 0) {
        close(refresh->renewal.dir);
    }
    if (refresh->renewal.record >= 0) {
        close(refresh->renewal.record);
    }
}

/* Every key of the document, for somebody who watches. */
static void show_key(void *context, size_t index, const char *kid, size_t kid_length,
                     enum jwk_fit fit)
{
    char shown[128];
    (void)context;
    if (fit != JWK_ELIGIBLE) {
        fprintf(stderr, "key %zu, kid \"%s\", is skipped: %s\n", index + 1,
                log_escape(shown, sizeof shown, kid != NULL ? kid : "", kid_length),
                jwk_fit_text(fit));
    }
}

/* By hand there is no worker that has done it. */
static bool stamp(const struct refresh *refresh, int64_t now)
{
    struct attempt attempt;
    attempt_read(refresh->renewal.record, &attempt);
    attempt = (struct attempt){.when = now, .seen = attempt.seen, .outcome = ATTEMPT_RUNNING};
    return attempt_write(refresh->renewal.record, &attempt);
}

static void tell_success(const struct refresh *refresh, size_t count, const struct diag *diag)
{
    const struct renewal *renewal = &refresh->renewal;
    printf("%zu usable key%s from %s in %s/%s\n", count, count == 1 ? "" : "s", renewal->uri,
           refresh->config->cache_dir, renewal->names.document);
    if (diag->text[0] != '\0') {
        (void)cli_fail(refresh->cli, 0, "warning: %s%s", refresh->prefix, diag->text);
    }
}

static int run_locked(const struct refresh *refresh)
{
    struct fetched fetched CLEANUP(fetched_clear) = {.config = refresh->config};
    struct renewal renewal = refresh->renewal;
    struct diag diag = {0};
    const int64_t now = time(NULL);
    size_t count = 0;
    bool recorded = false;
    if (refresh->by_hand && !stamp(refresh, now)) {
        return cli_fail(refresh->cli, EX_CANTCREAT,
                        "the refresh cannot be recorded in the cache directory: %s",
                        strerror(errno));
    }
    renewal.fetch = fetched_keys;
    renewal.context = &fetched;
    enum renewed result = renewal_run(&renewal, now, &count, &recorded, &diag);
    if (!recorded && refresh->by_hand) {
        (void)cli_fail(refresh->cli, 0,
                       "the outcome could not be recorded in the cache directory: %s",
                       strerror(errno));
    }
    if (result != RENEWED) {
        return cli_fail(refresh->cli, result == RENEWED_UNSTORED ? EX_CANTCREAT : EX_TEMPFAIL,
                        "%s%s", refresh->prefix, diag.text);
    }
    if (refresh->by_hand) {
        tell_success(refresh, count, &diag);
    }
    return EXIT_SUCCESS;
}

/* -1: we have the lock; else the exit status. */
static int lock_by_hand(const struct refresh *refresh)
{
    bool locked = attempt_lock(refresh->renewal.record, 0, NULL);
    if (!locked && errno == EWOULDBLOCK) {
        fprintf(stderr, "waiting for a refresh that is under way\n");
        locked = attempt_lock(refresh->renewal.record, LOCK_WAIT_MS, NULL);
    }
    if (locked) {
        return -1;
    }
    if (errno == EWOULDBLOCK) {
        return cli_fail(refresh->cli, EX_TEMPFAIL, "another refresh does not end; try again");
    }
    return cli_fail(
        refresh->cli, EX_CANTCREAT,
        "the record %s in the cache directory cannot be locked: %s; set BEARER_CACHE_DIR to a "
        "directory on another file system",
        refresh->renewal.names.record, strerror(errno));
}

/* By hand: opens the directory, as its owner. -1 to go on, else the exit status. */
static int prepare_by_hand(struct refresh *refresh)
{
    struct diag diag = {0};
    const char *path = refresh->all->cache_dir;
    bool root = geteuid() == 0;
    if (!cacheowner_become(path, &diag)) {
        return cli_fail(refresh->cli, EX_CANTCREAT, "%s", diag.text);
    }
    refresh->renewal.dir = cache_dir_open(path, refresh->all->program_owner, &diag);
    if (refresh->renewal.dir < 0) {
        return cli_fail(refresh->cli, EX_CANTCREAT, "%s", diag.text);
    }
    if (root) {
        printf("cache directory %s, as uid %ld\n", path, (long)geteuid());
    }
    if (geteuid() == 0) {
        (void)cli_fail(
            refresh->cli, 0,
            "warning: the cache directory belongs to root; workers that run as another user do not "
            "use it. Make one that belongs to them (chown) or set BEARER_CACHE_DIR");
    }
    return -1;
}

/* -1 to go on, else the exit status. */
static int load(struct refresh *refresh, struct diag *diag)
{
    struct config_origin origin CLEANUP(config_origin_clear) = {0};
    (void)worker_origin(&origin); /* what the workers read, not what is beside this program */
    if (refresh->by_hand && !configowner_become(&origin, "bearerctl refresh", diag)) {
        return cli_fail(refresh->cli, EX_NOPERM, "%s", diag->text);
    }
    origin.any_cache_owner = true; /* root: whosever it is, their user is what we become */
    refresh->all = config_load(&origin, NULL, diag);
    if (refresh->all == NULL) {
        return cli_fail(refresh->cli, EX_CONFIG, "%s", diag->text);
    }
    return -1;
}

/* Takes up a profile. False: there is nothing to fetch for it. */
static bool take_profile(struct refresh *refresh, const struct config *config)
{
    if (refresh->all->next != NULL) {
        (void)snprintf(refresh->prefix, sizeof refresh->prefix, "profile %s: ", config->profile);
    }
    refresh->config = config;
    refresh->renewal.config = config;
    refresh->renewal.uri = config_keys_uri(config);
    if (refresh->renewal.uri == NULL) {
        printf("%sThe keys are read from %s by the workers themselves: there is nothing to "
               "refresh.\n",
               refresh->prefix, config->jwks_file);
        return false;
    }
    cache_names(refresh->renewal.uri, config->ca_file, config->proxy, &refresh->renewal.names);
    return true;
}

/* From a worker: the lock is ours already, and so is the user. */
static int run_spawned(struct refresh *refresh, bool locked)
{
    struct diag diag = {0};
    struct attempt attempt;
    struct renewal *renewal = &refresh->renewal;
    (void)alarm(LIFE_SECONDS);
    (void)signal(SIGPIPE, SIG_IGN); /* the worker may be gone; the cache is for the others too */
    (void)fcntl(REFRESHER_LOCK_FD, F_SETFD, FD_CLOEXEC);
    (void)fcntl(REFRESHER_RESULT_FD, F_SETFD, FD_CLOEXEC);
    renewal->record = locked ? REFRESHER_LOCK_FD : -1;
    renewal->result = REFRESHER_RESULT_FD;
    int status = load(refresh, &diag);
    if (status < 0 && !take_profile(refresh, refresh->all)) {
        status = EXIT_SUCCESS;
    }
    if (status >= 0) {
        if (locked) {
            attempt_read(renewal->record, &attempt);
            attempt.outcome = status == EXIT_SUCCESS ? ATTEMPT_SUCCEEDED : ATTEMPT_FAILED;
            attempt_reason(&attempt, diag.text);
            (void)attempt_write(renewal->record, &attempt);
        }
        return status;
    }
    renewal->dir = locked ? cache_dir_open(refresh->config->cache_dir,
                                           refresh->config->program_owner, &renewal->dir_flaw)
                          : -1;
    return run_locked(refresh);
}

/* Whether a profile before this one has its keys in the same file: they are fetched once. */
static bool is_done(const struct refresh *refresh)
{
    struct cache_names names;
    for (const struct config *each = refresh->all; each != refresh->config; each = each->next) {
        if (config_keys_uri(each) != NULL) {
            cache_names(config_keys_uri(each), each->ca_file, each->proxy, &names);
            if (strcmp(names.document, refresh->renewal.names.document) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Workers have no keys from here on. Returns the exit status. */
static int forget_locked(const struct refresh *refresh)
{
    struct diag diag = {0};
    return renewal_forget(&refresh->renewal, &diag)
               ? EXIT_SUCCESS
               : cli_fail(refresh->cli, EX_CANTCREAT, "%s%s", refresh->prefix, diag.text);
}

/* The keys of one profile. Returns the exit status. */
static int run_one(struct refresh *refresh)
{
    struct diag diag = {0};
    struct renewal *renewal = &refresh->renewal;
    int status = renewal->dir < 0 ? prepare_by_hand(refresh) : -1;
    if (status >= 0) {
        return status;
    }
    renewal->record = attempt_open(renewal->dir, renewal->names.record, true, &diag);
    if (renewal->record < 0) {
        return cli_fail(refresh->cli, EX_CANTCREAT, "%s", diag.text);
    }
    status = lock_by_hand(refresh);
    if (status < 0) {
        status = refresh->forgetting ? forget_locked(refresh) : run_locked(refresh);
    }
    close(renewal->record);
    renewal->record = -1;
    return status;
}

/* The keys of the profile of this name; NULL: of all. Returns the worst exit status. */
static int run_each(struct refresh *refresh, const char *name)
{
    int status = EXIT_SUCCESS;
    bool named = false;
    for (const struct config *each = refresh->all; each != NULL; each = each->next) {
        if (name != NULL && strcmp(each->profile, name) != 0) {
            continue;
        }
        named = true;
        if (take_profile(refresh, each) && (name != NULL || !is_done(refresh))) {
            const int ended = run_one(refresh);
            status = status != EXIT_SUCCESS ? status : ended;
        }
    }
    return named ? status : cli_usage(refresh->cli, "--profile: there is no profile of this name");
}

/* Where cron or a timer refreshes, only a terminal tells a person from them. All keys are dropped
 * before any are fetched: an issuer that hangs does not keep those of another. */
static int run_by_hand(struct refresh *refresh, const char *name)
{
    static const struct keyset_visitor show = {.visit = show_key};
    struct diag diag = {0};
    refresh->by_hand = true;
    refresh->renewal.visitor = &show;
    int status = load(refresh, &diag);
    if (status >= 0) {
        return status;
    }
    refresh->renewal.at_once = !refresh->all->refresh_external || isatty(STDIN_FILENO);
    status = refresh->forgetting ? run_each(refresh, name) : EXIT_SUCCESS;
    refresh->forgetting = false;
    return status != EXIT_SUCCESS ? status : run_each(refresh, name);
}

static bool is_open(int fd, mode_t type)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

/* What the options name are the descriptors a worker hands over: a pipe, and a file whose lock is
 * ours, which taking it again shows. Anything else could be overwritten. */
static bool good_descriptors(bool locked)
{
    return is_open(REFRESHER_RESULT_FD, S_IFIFO) &&
           (!locked ||
            (is_open(REFRESHER_LOCK_FD, S_IFREG) && attempt_lock(REFRESHER_LOCK_FD, 0, NULL)));
}

int refresh_run(const struct cli *cli)
{
    struct refresh refresh CLEANUP(clear_refresh) = {
        .cli = cli, .renewal = {.dir = -1, .record = -1, .result = -1}};
    const char *lock = NULL;
    const char *result = NULL;
    const char *profile = NULL;
    const struct cli_option options[] = {
        {.name = "--profile", .value = &profile},
        {.name = "--forget", .flag = &refresh.forgetting},
        {.name = "--lock-fd", .value = &lock},
        {.name = "--result-fd", .value = &result},
        {.name = "--if-changed", .flag = &refresh.renewal.if_changed},
        {.name = NULL}};
    int status = cli_parse(cli, options, NULL, NULL);
    if (status >= 0) {
        return status;
    }
    if ((lock != NULL && strcmp(lock, "3") != 0) || (result != NULL && strcmp(result, "4") != 0) ||
        ((lock != NULL || refresh.renewal.if_changed) && result == NULL) ||
        (result != NULL && (profile != NULL || refresh.forgetting)) ||
        (result != NULL && !good_descriptors(lock != NULL))) {
        return cli_usage(cli, "--lock-fd=3, --result-fd=4 and --if-changed are for workers only");
    }
    return result != NULL ? run_spawned(&refresh, lock != NULL) : run_by_hand(&refresh, profile);
}
