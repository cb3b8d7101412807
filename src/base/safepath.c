/* SPDX-License-Identifier: MIT */
#include "base/safepath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define LINKS_MAX 16 /* links followed, one by one, before giving up */

/* What the kernel shows in the place of every user that a user namespace (PrivateUsers=,
 * containers) does not have: of whom ever, so nobody to trust. */
#define UNMAPPED_USER 65534

const char *safe_shown(char out[SAFE_SHOWN_MAX], const char *path)
{
    char escaped[SAFE_SHOWN_MAX - 2];
    log_escape(escaped, sizeof escaped, path, strlen(path));
    size_t plain =
        strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,");
    const char *quote = path[plain] == '\0' ? "" : "'";
    snprintf(out, SAFE_SHOWN_MAX, "%s%s%s", quote, escaped, quote);
    return out;
}

const char *safe_user(char *out, size_t size, uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);
    if (entry != NULL) {
        snprintf(out, size, "%s", entry->pw_name);
    } else {
        snprintf(out, size, "uid %u", (unsigned)uid);
    }
    return out;
}

static bool trusted(uid_t uid, uid_t also)
{
    return uid == 0 || uid == geteuid() ||
           (also != (uid_t)-1 && also != UNMAPPED_USER && uid == also);
}

static bool others_write(const struct stat *st)
{
    return (st->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* Where everybody may put things, but nobody can touch those of others: not even the kernel knows
 * who chose a name there, but everybody sees whose it is. */
static bool is_shared(const struct stat *st)
{
    return S_ISDIR(st->st_mode) && st->st_uid == 0 && (st->st_mode & S_ISVTX) != 0 &&
           others_write(st);
}

/* `shared`: it lies in a directory for everybody. */
static bool judge(const struct stat *st, const char *path, bool shared, uid_t also,
                  struct diag *diag)
{
    char word[SAFE_SHOWN_MAX];
    char owner[64];
    char self[64];
    const char *what = S_ISDIR(st->st_mode)   ? "the directory "
                       : S_ISLNK(st->st_mode) ? "the link "
                                              : "";
    if (!trusted(st->st_uid, also)) {
        safe_shown(word, path);
        safe_user(owner, sizeof owner, st->st_uid);
        safe_user(self, sizeof self, geteuid());
        diag_set(
            diag,
            "%s%s belongs to %s, who is neither root nor %s (who runs this) nor the owner of the "
            "program; %s%s",
            what, word, owner, self,
            shared ? "everybody can put things there: remove it and make your own, or use another "
                     "directory"
                   : "run: chown root ",
            shared ? "" : word);
        return false;
    }
    if (S_ISLNK(st->st_mode) || !others_write(st) || is_shared(st)) {
        return true;
    }
    safe_shown(word, path);
    if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0) {
        /* one of its kind belongs to root; never advise to close it */
        diag_set(
            diag,
            "the directory %s is for everybody to write (mode %04o) and does not belong to root; "
            "move the file to one that is not",
            word, (unsigned)(st->st_mode & 07777));
    } else {
        diag_set(diag,
                 "%s%s can be written by its group or by everybody (mode %04o); run: chmod go-w %s",
                 what, word, (unsigned)(st->st_mode & 07777), word);
    }
    return false;
}

bool safe_owner(const struct safe_walk *walk, const struct stat *st, struct diag *diag)
{
    return judge(st, walk->path, is_shared(&walk->st), walk->also, diag);
}

void safe_fail(const struct safe_walk *walk, const char *action, int error, struct diag *diag)
{
    char word[SAFE_SHOWN_MAX];
    char self[64];
    safe_shown(word, walk->path);
    if (error == EACCES) {
        safe_user(self, sizeof self, geteuid());
        diag_set(diag,
                 "%s cannot be %s by %s: permission denied; let that user in, for example: chgrp "
                 "%s %s && chmod g+r %s (and g+x on its directories)",
                 word, action, self, self, word, word);
    } else {
        diag_set(diag, "%s cannot be %s: %s", word, action, strerror(error));
    }
}

static void out_of_memory(struct diag *diag)
{
    diag_set(diag, "out of memory");
}

/* Puts the path behind a link in the place of walk->path: its text read from `fd` and `name`, its
 * folder the first `folder` octets of the path, `rest` what comes after it. */
static bool splice_link(struct safe_walk *walk, int fd, const char *name, size_t folder,
                        const char *rest, struct diag *diag)
{
    char target[PATH_MAX]; /* no link is that long */
    char *next = NULL;
    ssize_t length = readlinkat(fd, name, target, sizeof target);
    if (length < 0) {
        safe_fail(walk, "followed", errno, diag);
        return false;
    }
    if (++walk->links > LINKS_MAX) {
        char word[SAFE_SHOWN_MAX];
        diag_set(diag, "%s is a link that goes round in circles; remove it",
                 safe_shown(word, walk->path));
        return false;
    }
    bool absolute = target[0] == '/'; /* no link is empty */
    if (asprintf(&next, "%.*s%s%.*s%s", absolute ? 0 : (int)folder, walk->path, absolute ? "" : "/",
                 (int)length, target, rest) < 0) {
        out_of_memory(diag);
        return false;
    }
    free(walk->path);
    walk->path = next;
    return true;
}

/* The first flaw is the one to mend first. */
static void judge_level(struct safe_walk *walk, const char *path, bool shared, struct diag *diag)
{
    if (!judge(&walk->st, path, shared, walk->also, walk->flawed ? NULL : diag)) {
        walk->flawed = true;
    }
}

enum step { STEP_FAILED, STEP_LINK, STEP_MISSING, STEP_DIRECTORY };

/* One level down: `name` is the component of walk->path that ends at `end`; walk->path is cut there
 * meanwhile. */
static enum step step_down(struct safe_walk *walk, size_t start, size_t end, struct diag *diag)
{
    char *path = walk->path;
    bool shared = is_shared(&walk->st);
    path[end] = '\0';
    int level CLEANUP(cleanup_fd) =
        openat(walk->dir, path + start, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (level < 0 || fstat(level, &walk->st) != 0) {
        int error = errno;
        path[end] = '/';
        if (error == ENOENT) {
            return STEP_MISSING;
        }
        safe_fail(walk, "looked at", error, diag);
        return STEP_FAILED;
    }
    /* In a directory that is not shared, whose a link is does not matter: the directory's owner has
     * put it there. */
    if (S_ISDIR(walk->st.st_mode) || (S_ISLNK(walk->st.st_mode) && shared)) {
        judge_level(walk, path, shared, diag);
    }
    path[end] = '/';
    if (S_ISLNK(walk->st.st_mode)) {
        char *rest CLEANUP(cleanup_free) = strdup(path + end);
        if (rest == NULL) {
            out_of_memory(diag);
            return STEP_FAILED;
        }
        return splice_link(walk, level, "", start - 1, rest, diag) ? STEP_LINK : STEP_FAILED;
    }
    if (!S_ISDIR(walk->st.st_mode)) {
        return STEP_MISSING;
    }
    close(walk->dir);
    walk->dir = level;
    level = -1;
    return STEP_DIRECTORY;
}

/* From the root, until the end or a link. */
static enum step walk_down(struct safe_walk *walk, struct diag *diag)
{
    cleanup_fd(&walk->dir);
    walk->base = "";
    walk->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (walk->dir < 0 || fstat(walk->dir, &walk->st) != 0) {
        diag_set(diag, "/ cannot be looked at: %s", strerror(errno));
        return STEP_FAILED;
    }
    judge_level(walk, "/", false, diag);
    size_t start = strspn(walk->path, "/");
    for (;;) {
        size_t end = start + strcspn(walk->path + start, "/");
        if (walk->path[end] == '\0') {
            walk->base = walk->path + start;
            return STEP_DIRECTORY;
        }
        enum step step = step_down(walk, start, end, diag);
        if (step != STEP_DIRECTORY) {
            return step;
        }
        start = end + strspn(walk->path + end, "/");
    }
}

static enum safe_result finish(struct safe_walk *walk, struct diag *diag)
{
    enum step step = STEP_LINK;
    while (step == STEP_LINK) {
        step = walk_down(walk, diag);
    }
    return step == STEP_DIRECTORY ? SAFE_OK : step == STEP_MISSING ? SAFE_MISSING : SAFE_FAILED;
}

enum safe_result safe_walk(struct safe_walk *walk, const char *path, uid_t also, struct diag *diag)
{
    *walk = SAFE_WALK_NONE;
    if (path[0] != '/') {
        char word[SAFE_SHOWN_MAX];
        diag_set(diag, "%s is not an absolute path; write one that begins with /",
                 safe_shown(word, path));
        return SAFE_FAILED;
    }
    walk->also = also;
    walk->path = strdup(path);
    if (walk->path == NULL) {
        out_of_memory(diag);
        return SAFE_FAILED;
    }
    return finish(walk, diag);
}

enum safe_result safe_walk_follow(struct safe_walk *walk, const struct stat *st, struct diag *diag)
{
    size_t folder = (size_t)(walk->base - walk->path);
    if (is_shared(&walk->st) &&
        !judge(st, walk->path, true, walk->also, walk->flawed ? NULL : diag)) {
        walk->flawed = true;
    }
    return splice_link(walk, walk->dir, walk->base, folder > 0 ? folder - 1 : 0, "", diag)
               ? finish(walk, diag)
               : SAFE_FAILED;
}

void safe_walk_clear(struct safe_walk *walk)
{
    cleanup_fd(&walk->dir);
    free(walk->path);
    *walk = SAFE_WALK_NONE;
}
