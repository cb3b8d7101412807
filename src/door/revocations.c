/* SPDX-License-Identifier: MIT */
#include "door/revocations.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/monotonic.h"
#include "base/safefile.h"
#include "config/config_watch.h"

/* What is being written is left alone, but a line has to count within 1.5 seconds: a list that is
 * so old (milliseconds) is replaced by what there is, and that is read once more when it has
 * settled. */
#define OLD_MS 1200

struct revocations {
    /* absolute */
    char *path;
    uid_t also;
    unsigned profiles;
    struct revoked *list;
    /* of the list, from 1 */
    uint64_t version;
    /* what was read */
    struct stat seen;
    /* it may not have been all of it */
    bool unsettled;
    /* a look has found something else, which was being written */
    bool writing;
    /* milliseconds of monotonic_tick(): so old is the list */
    int64_t read_at;
    /* why the last reading gave no list, else empty */
    struct diag error;
};

static int64_t clock_ms(void)
{
    return monotonic_tick() / 1000000;
}

/* Takes up what is in the file. False: why not in `diag`. */
static bool take_up(struct revocations *revocations, struct diag *diag)
{
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    struct stat seen = {0};
    char shown[SAFE_SHOWN_MAX];
    const char *path = revocations->path;
    switch (safe_read(path, revocations->also, REVOKED_OCTETS, &text, &length, &seen, diag)) {
    case SAFE_OK:
        break;
    case SAFE_MISSING:
        (void)safe_shown(shown, path);
        diag_set(diag,
                 "the list of revoked tokens %s is missing; put it back, or begin an empty one: "
                 "install -m 644 /dev/null %s",
                 shown, shown);
        return false;
    case SAFE_FAILED:
    default:
        return false;
    }
    struct revoked *list = revoked_parse(text, length, revocations->profiles, diag);
    if (list == NULL) {
        diag_wrap(diag, "%s", path);
        return false;
    }
    revoked_free(revocations->list);
    revocations->list = list;
    revocations->version++;
    revocations->seen = seen;
    revocations->unsettled = config_is_young(&seen);
    return true;
}

bool revocations_open(const struct config *config, unsigned profiles,
                      struct revocations **revocations, struct diag *diag)
{
    *revocations = NULL;
    if (config->revoked_file == NULL) {
        return true;
    }
    struct revocations *made CLEANUP(revocations_cleanup) = calloc(1, sizeof *made);
    if (made != NULL) {
        made->path = strdup(config->revoked_file);
    }
    if (made == NULL || made->path == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    made->also = config->program_owner;
    made->profiles = profiles;
    if (!take_up(made, diag)) {
        diag_wrap(diag, "BEARER_REVOKED_FILE");
        return false;
    }
    made->read_at = clock_ms();
    *revocations = steal(&made);
    return true;
}

struct revocations *revocations_share(const struct revocations *revocations)
{
    struct revocations *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->version = revocations->version;
        made->list = revoked_share(revocations->list);
    }
    return made;
}

uint64_t revocations_version(const struct revocations *revocations)
{
    return revocations != NULL ? revocations->version : 0;
}

void revocations_free(struct revocations *revocations)
{
    if (revocations == NULL) {
        return;
    }
    revoked_free(revocations->list);
    free(revocations->path);
    free(revocations);
}

void revocations_cleanup(struct revocations **revocations)
{
    revocations_free(*revocations);
}

const struct revoked *revocations_list(const struct revocations *revocations)
{
    return revocations->list;
}

static void read_again(struct revocations *revocations, const struct log *log)
{
    struct diag error = {0};
    const char *path = revocations->path;
    if (take_up(revocations, &error)) {
        log_line(log, LOG_LEVEL_INFO, "list of revoked tokens read again from %s, %zu lines", path,
                 revoked_count(revocations->list));
    } else if (strcmp(error.text, revocations->error.text) != 0) {
        log_line(log, LOG_LEVEL_ERROR,
                 "the changed list of revoked tokens is not used, and the one read before stays in "
                 "use: %s",
                 error.text);
    }
    revocations->error = error;
}

/* What is there is being written, and can be left alone for some more tenths of a second. Where the
 * list is old, only what is shorter than before is: a writer may just have begun with it. */
static bool can_wait(const struct revocations *revocations, const struct stat *now, int64_t ms)
{
    return config_is_young(now) &&
           (ms - revocations->read_at < OLD_MS ||
            (!revocations->writing && now->st_size < revocations->seen.st_size));
}

int64_t revocations_look(struct revocations *revocations, const struct log *log)
{
    struct stat now;
    if (revocations == NULL) {
        return INT64_MAX;
    }
    const int64_t ms = clock_ms();
    const bool there = stat(revocations->path, &now) == 0;
    const bool same = there && safe_same(&now, &revocations->seen);
    if (same && !revocations->unsettled) {
        revocations->read_at = ms;
        revocations->writing = false;
        revocations->error.text[0] = '\0';
        return INT64_MAX;
    }
    if (there && can_wait(revocations, &now, ms)) {
        revocations->writing = !same;
        return CONFIG_SETTLE_MS;
    }
    read_again(revocations, log);
    revocations->read_at = ms;
    revocations->writing = false;
    return revocations->unsettled ? CONFIG_SETTLE_MS : INT64_MAX;
}

const struct revoked_line *revocations_find(const struct revocations *revocations,
                                            struct token *token, int64_t now)
{
    if (token->unrevoked == revocations->version) {
        return NULL;
    }
    const struct revoked_line *line = revoked_find(revocations->list, token, now);
    if (line == NULL) {
        token->unrevoked = revocations->version;
    }
    return line;
}
