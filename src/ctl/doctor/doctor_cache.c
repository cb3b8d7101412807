/* SPDX-License-Identifier: MIT */
/* doctor: the key cache as the user sees it that we are. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "ctl/doctor/doctor.h"
#include "jose/keyset.h"
#include "keys/attempt.h"
#include "keys/boundkeys.h"
#include "keys/cachefile.h"

#define PROBE_BYTES 4096

/* Not what another user than root has put there: that may be a trap for a chown that goes
 * deeper. */
#define CHOWN_DEEP "chown -R %s: %s"

/* The directory made at installation is passed over if it is not the user's. If root owns it, then
 * the one in use is hardly what was meant: true. */
static bool tell_passed_over(struct doctor *doctor)
{
    struct stat status;
    struct user owner;
    const char *path = doctor->origin.cache_dir;
    char word[FINDING_PIECE];
    if (doctor->config->values[CONFIG_BEARER_CACHE_DIR].text != NULL || path == NULL ||
        (doctor->config->cache_dir != NULL && strcmp(path, doctor->config->cache_dir) == 0) ||
        lstat(path, &status) != 0) {
        return false;
    }
    finding_word(word, path);
    user_of(status.st_uid, status.st_gid, &owner);
    if (status.st_uid == geteuid()) {
        finding(
            &doctor->findings, FINDING_WARNING,
            "cache: %s is not used, as it is no directory or can be written by others; run: chmod "
            "go-w %s",
            word, word);
    } else if (status.st_uid == 0) {
        finding(&doctor->findings, FINDING_WARNING,
                "cache: %s belongs to root, so %s does not use it; run: " CHOWN_DEEP, word,
                doctor->user.name, doctor->user.word, word);
        return true;
    } else {
        finding(&doctor->findings, FINDING_OK, "cache: %s belongs to %s, so %s does not use it",
                word, owner.name, doctor->user.name);
    }
    return false;
}

/* The command that gives the user a directory: the one of the installation if root has that, else
 * the one that was asked for. */
static const char *make_command(const struct doctor *doctor, char *out, const char *path,
                                bool rooted)
{
    char word[FINDING_PIECE];
    finding_word(word, rooted ? doctor->origin.cache_dir : path);
    (void)snprintf(out, FINDING_PIECE * 2, rooted ? CHOWN_DEEP : "install -d -m 0700 -o %s %s",
                   doctor->user.word, word);
    return out;
}

/* It is not there: whether a worker can make it. */
static void tell_missing(struct doctor *doctor, const char *path, bool rooted)
{
    char shown[FINDING_PIECE];
    char command[FINDING_PIECE * 2];
    char *copy CLEANUP(cleanup_free) = strdup(path);
    char *parent = copy != NULL ? dirname(copy) : NULL;
    bool may = parent != NULL && access(parent, W_OK | X_OK) == 0;
    if (parent != NULL && !may && errno == ENOENT && cache_dir_is_default(path)) {
        may = access(dirname(parent), W_OK | X_OK) == 0;
    }
    finding_shown(shown, path);
    if (may) {
        finding(&doctor->findings, FINDING_OK,
                "cache: %s is not there yet; %s may make it, and the first refresh will", shown,
                doctor->user.name);
        return;
    }
    const char *why = errno == ENOENT ? "its parent is not there either" : strerror(errno);
    finding(&doctor->findings, FINDING_FAILURE,
            "cache: %s is not there, and %s cannot make it (%s); run: %s, or set BEARER_CACHE_DIR",
            shown, doctor->user.name, why, make_command(doctor, command, path, rooted));
}

/* Cuts an absolute path after the first directory on the way that does not let us through; false:
 * there is none. */
static bool cut_at_closed(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (access(path, X_OK) != 0) {
            return true;
        }
        *slash = '/';
    }
    return false;
}

static void tell_unreachable(struct doctor *doctor, const char *path, int error)
{
    char shown[FINDING_PIECE];
    char word[FINDING_PIECE];
    char *copy CLEANUP(cleanup_free) = strdup(path);
    finding_shown(shown, path);
    if (copy != NULL && error == EACCES && cut_at_closed(copy)) {
        finding(
            &doctor->findings, FINDING_FAILURE,
            "cache: %s cannot be reached by %s; let that user through, for example run: chmod o+x "
            "%s",
            shown, doctor->user.name, finding_word(word, copy));
    } else {
        finding(&doctor->findings, FINDING_FAILURE,
                "cache: %s cannot be opened by %s: %s; set BEARER_CACHE_DIR to another one", shown,
                doctor->user.name, strerror(error));
    }
}

/* It is not usable: why, and what to run. */
static void tell_flaw(struct doctor *doctor, const char *path, const struct stat *status,
                      const char *flaw)
{
    struct user owner;
    char shown[FINDING_PIECE];
    char word[FINDING_PIECE];
    finding_shown(shown, path);
    finding_word(word, path);
    if (S_ISDIR(status->st_mode) && status->st_uid != geteuid()) {
        user_of(status->st_uid, status->st_gid, &owner);
        finding(
            &doctor->findings, FINDING_FAILURE,
            status->st_uid == 0
                ? "cache: %s belongs to %s, but the workers that use it run as %s; run: " CHOWN_DEEP
                : "cache: %s belongs to %s, but the workers that use it run as %s; run: chown %s: "
                  "%s",
            shown, owner.name, doctor->user.name, doctor->user.word, word);
    } else if (S_ISDIR(status->st_mode) && (status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        finding(&doctor->findings, FINDING_FAILURE,
                "cache: %s can be written by others (mode %04o); run: chmod go-w %s", shown,
                (unsigned)(status->st_mode & 07777), word);
    } else {
        finding(&doctor->findings, FINDING_FAILURE,
                "cache: %s %s; set BEARER_CACHE_DIR to a directory of %s's own", shown,
                S_ISLNK(status->st_mode) ? "is a symbolic link, which is not followed" : flaw,
                doctor->user.name);
    }
}

/* The directory, open; -1: there is none that will do, and that has been said. Unlike a worker's
 * look it makes nothing. `rooted`: it is in the place of one that root has. */
static int open_directory(struct doctor *doctor, const char *path, bool rooted)
{
    struct stat status;
    if (lstat(path, &status) != 0) {
        if (errno == ENOENT) {
            tell_missing(doctor, path, rooted);
        } else {
            tell_unreachable(doctor, path, errno);
        }
        return -1;
    }
    const char *flaw = cache_dir_flaw(&status, geteuid());
    if (flaw != NULL) {
        tell_flaw(doctor, path, &status, flaw);
        return -1;
    }
    struct diag diag = {0};
    const char *base = NULL;
    int above CLEANUP(cleanup_fd) = safe_parent(path, doctor->config->program_owner, &base, &diag);
    if (above < 0) {
        finding(&doctor->findings, FINDING_FAILURE, "cache: %s", diag.text);
        return -1;
    }
    int dir = openat(above, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0) {
        tell_unreachable(doctor, path, errno);
        return -1;
    }
    char shown[FINDING_PIECE];
    finding(&doctor->findings, FINDING_OK,
            "cache: %s belongs to %s and nobody else can write it (mode %04o)",
            finding_shown(shown, path), doctor->user.name, (unsigned)(status.st_mode & 07777));
    return dir;
}

/* A file of our own, as a refresh would make one: made, removed, written, locked. */
static void probe(struct doctor *doctor, int dir)
{
    static const char bytes[PROBE_BYTES];
    char name[64];
    (void)snprintf(name, sizeof name, "doctor-%ld.tmp", (long)getpid());
    (void)unlinkat(dir, name, 0); /* of one that was killed in between */
    int fd CLEANUP(cleanup_fd) =
        openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const char *action = NULL;
    int error = 0;
    if (fd >= 0) {
        (void)unlinkat(dir, name, 0); /* at once: whoever kills us leaves nothing there */
    }
    if (fd < 0) {
        action = "make a file";
        error = errno;
    } else if (!safe_write_all(fd, bytes, sizeof bytes) || fsync(fd) != 0) {
        action = "write a file";
        error = errno;
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        action = "lock a file";
        error = errno;
    }
    if (action == NULL) {
        finding(&doctor->findings, FINDING_OK, "cache: %s can make, write and lock files there",
                doctor->user.name);
    } else {
        finding(&doctor->findings, FINDING_FAILURE, "cache: %s cannot %s there: %s; %s",
                doctor->user.name, action, strerror(error),
                error == ENOSPC || error == EDQUOT
                    ? "make room"
                    : "set BEARER_CACHE_DIR to a directory on another file system");
    }
}

/* How the last refresh ended. `busy`: one is under way. */
static void tell_attempt(struct doctor *doctor, const struct attempt *attempt, bool busy)
{
    char when[FINDING_PIECE];
    char shown[FINDING_PIECE];
    finding_time(when, attempt->when, (int64_t)time(NULL));
    if (busy) {
        finding(&doctor->findings, FINDING_OK, "last refresh: one is under way");
        return;
    }
    switch (attempt->outcome) {
    case ATTEMPT_NONE:
        finding(&doctor->findings, FINDING_OK, "last refresh: none yet");
        break;
    case ATTEMPT_SUCCEEDED:
        finding(&doctor->findings, attempt->reason[0] == '\0' ? FINDING_OK : FINDING_WARNING,
                "last refresh: %s, succeeded%s%s", when, attempt->reason[0] == '\0' ? "" : ": ",
                finding_shown(shown, attempt->reason));
        break;
    case ATTEMPT_RUNNING:
        finding(&doctor->findings, FINDING_WARNING,
                "last refresh: %s, ended without saying how (killed?); the next one will say",
                when);
        break;
    case ATTEMPT_FAILED:
    case ATTEMPT_UNSTORED:
    default:
        finding(&doctor->findings, FINDING_WARNING, "last refresh: %s, failed: %s", when,
                finding_shown(shown, attempt->reason));
        break;
    }
}

static void look_at_record(struct doctor *doctor, int dir, const char *name)
{
    struct diag diag = {0};
    struct stat status;
    struct attempt attempt = {0};
    if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
        tell_attempt(doctor, &attempt, false);
        return;
    }
    int fd CLEANUP(cleanup_fd) = attempt_open(dir, name, false, &diag);
    if (fd < 0) {
        finding(&doctor->findings, FINDING_FAILURE, "last refresh: %s", diag.text);
        return;
    }
    if (faccessat(dir, name, W_OK, 0) != 0) {
        finding(
            &doctor->findings, FINDING_FAILURE,
            "last refresh: the record %s in the cache directory cannot be written: %s; remove it",
            name, strerror(errno));
    }
    bool busy = false;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        busy = errno == EWOULDBLOCK;
        if (!busy) {
            finding(&doctor->findings, FINDING_FAILURE,
                    "last refresh: the record %s in the cache directory cannot be locked: %s; set "
                    "BEARER_CACHE_DIR to a directory on another file system",
                    name, strerror(errno));
        }
    }
    attempt_read(fd, &attempt);
    (void)flock(fd, LOCK_UN); /* held as short as can be: a worker may want it */
    tell_attempt(doctor, &attempt, busy);
}

static void tell_age(struct doctor *doctor, const struct cached *cached, size_t count)
{
    const struct config *config = doctor->config;
    char when[FINDING_PIECE];
    int64_t now = (int64_t)time(NULL);
    int64_t age = now - cached->fetched;
    bool external = config->refresh_external;
    finding_time(when, cached->fetched, now);
    if (age < -config->max_stale) {
        finding(&doctor->findings, external ? FINDING_FAILURE : FINDING_WARNING,
                "cached keys: fetched %s, too far to be used (BEARER_JWKS_MAX_STALE is %" PRId64
                "); was the clock set back? %s",
                when, config->max_stale,
                external ? "Have cron or a timer run bearerctl refresh"
                         : "Run bearerctl refresh to see whether it works");
    } else if (age < 0) {
        finding(&doctor->findings, FINDING_WARNING,
                "cached keys: %zu usable, fetched %s; was the clock set back? They are used, and "
                "refreshed with the next request",
                count, when);
    } else if (age < config->ttl) {
        finding(&doctor->findings, FINDING_OK,
                "cached keys: %zu usable, fetched %s; fresh for %" PRId64 " s more", count, when,
                config->ttl - age);
    } else if (age < config->max_stale) {
        finding(&doctor->findings, external ? FINDING_WARNING : FINDING_OK,
                "cached keys: %zu usable, fetched %s; a refresh is due%s", count, when,
                external
                    ? ", and with BEARER_REFRESH=external that is for cron or a timer: see that "
                      "bearerctl refresh runs"
                    : ", and comes with the next request");
    } else {
        finding(&doctor->findings, external ? FINDING_FAILURE : FINDING_WARNING,
                "cached keys: fetched %s, too old to be used (BEARER_JWKS_MAX_STALE is %" PRId64
                "); %s",
                when, config->max_stale,
                external ? "have cron or a timer run bearerctl refresh"
                         : "run bearerctl refresh to see whether it works");
    }
}

static void look_at_document(struct doctor *doctor, int dir, const struct cache_names *names)
{
    const struct config *config = doctor->config;
    struct stat identity = {0};
    struct cached cached CLEANUP(cached_clear) = {0};
    struct diag diag = {0};
    enum cache_result result =
        cache_read(dir, names, config_keys_uri(config), &identity, &cached, &diag);
    if (result != CACHE_READ && diag.text[0] != '\0') {
        finding(&doctor->findings, FINDING_WARNING,
                "cached keys: %s; bearerctl refresh makes a new one", diag.text);
        return;
    }
    if (result != CACHE_READ) {
        finding(&doctor->findings, config->refresh_external ? FINDING_WARNING : FINDING_OK,
                "cached keys: none yet; %s",
                config->refresh_external
                    ? "workers answer 503 until bearerctl refresh has run"
                    : "the first request has them fetched, or run bearerctl refresh");
        return;
    }
    struct keyset *keys CLEANUP(keyset_cleanup) =
        keyset_make(cached.json, config->algs, NULL, &diag);
    if (keys == NULL) {
        finding(&doctor->findings, FINDING_WARNING, "cached keys: %s", diag.text);
        return;
    }
    boundkeys_drop(keys, config, &diag);
    tell_age(doctor, &cached, keyset_count(keys));
    if (cached.doubted) {
        finding(
            &doctor->findings, FINDING_WARNING,
            "cached keys: since then the issuer was seen without a usable key; the keys stay until "
            "it is seen so a second time. Run bearerctl refresh to believe what it says now");
    }
    int64_t age = (int64_t)time(NULL) - cached.fetched;
    if (age < config->max_stale && age >= -config->max_stale) {
        doctor->held = steal(&keys);
    }
}

void doctor_cache(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct cache_names names;
    if (config->jwks_file != NULL) {
        finding(&doctor->findings, FINDING_OK, "cache: not used, as the keys are read from a file");
        return;
    }
    bool rooted = tell_passed_over(doctor);
    if (config->cache_dir == NULL) {
        finding(&doctor->findings, FINDING_FAILURE,
                "cache: no directory can be named, as %s has no home; set BEARER_CACHE_DIR to a "
                "directory of that user's own",
                doctor->user.name);
        return;
    }
    int dir CLEANUP(cleanup_fd) = open_directory(doctor, config->cache_dir, rooted);
    if (dir < 0) {
        return;
    }
    probe(doctor, dir);
    cache_names(config_keys_uri(config), config->ca_file, config->proxy, &names);
    look_at_record(doctor, dir, names.record);
    look_at_document(doctor, dir, &names);
    finding(&doctor->findings, FINDING_OK,
            "cache: note that anyone who runs programs as %s can put keys there. Where sites share "
            "that "
            "user, use a file that belongs to root or to the owner of bearer.fcgi: "
            "BEARER_JWKS_URI=file://...",
            doctor->user.name);
}
