#include "safefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"

#define LINKS_MAX 16  /* links followed, one by one, before giving up */
#define SHOWN_MAX 280 /* octets of a path in a message: two fit into a diag */

/* The path as a word for the shell, since messages hold commands to copy. */
static const char *shown(char out[SHOWN_MAX], const char *path)
{
    char escaped[SHOWN_MAX - 2];
    log_escape(escaped, sizeof escaped, path, strlen(path));
    size_t plain = strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,");
    const char *quote = path[plain] == '\0' ? "" : "'";
    snprintf(out, SHOWN_MAX, "%s%s%s", quote, escaped, quote);
    return out;
}

static const char *user_name(char *out, size_t size, uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);
    if (entry != NULL) {
        snprintf(out, size, "%s", entry->pw_name);
    } else {
        snprintf(out, size, "uid %u", (unsigned)uid);
    }
    return out;
}

/* Owner and mode of the file or of a directory on the way to it. */
static bool check_owner(const struct stat *st, const char *path, uid_t also, struct diag *diag)
{
    char word[SHOWN_MAX];
    char owner[64];
    char self[64];
    const char *what = S_ISDIR(st->st_mode) ? "the directory " : "";
    if (st->st_uid != 0 && st->st_uid != geteuid() && (also == (uid_t)-1 || st->st_uid != also)) {
        shown(word, path);
        diag_set(
            diag,
            "%s%s belongs to %s, who is neither root nor %s (who runs this) nor the owner of the program; "
            "run: chown root %s",
            what, word, user_name(owner, sizeof owner, st->st_uid), user_name(self, sizeof self, geteuid()),
            word);
        return false;
    }
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0) {
        return true;
    }
    shown(word, path);
    if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0) {
        /* /tmp and its like: never advise to close those */
        diag_set(diag,
                 "the directory %s is for everybody to write (mode %04o); move the file to one that is not",
                 word, (unsigned)(st->st_mode & 07777));
    } else {
        diag_set(diag, "%s%s can be written by its group or by everybody (mode %04o); run: chmod go-w %s",
                 what, word, (unsigned)(st->st_mode & 07777), word);
    }
    return false;
}

static bool fail_errno(const char *path, const char *action, int error, struct diag *diag)
{
    char word[SHOWN_MAX];
    char self[64];
    shown(word, path);
    if (error == EACCES) {
        user_name(self, sizeof self, geteuid());
        diag_set(diag,
                 "%s cannot be %s by %s: permission denied; let that user in, for example: "
                 "chgrp %s %s && chmod g+r %s (and g+x on its directories)",
                 word, action, self, self, word, word);
    } else {
        diag_set(diag, "%s cannot be %s: %s", word, action, strerror(error));
    }
    return false;
}

/* The folder part of an absolute path, and where its last component starts. NULL: out of memory. */
static char *folder_of(const char *path, const char **base)
{
    const char *slash = strrchr(path, '/');
    *base = slash + 1;
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Puts the path that the link `base` in `dir` points to in the place of *here. */
static bool follow(int dir, const char *folder, const char *base, char **here, struct diag *diag)
{
    char target[PATH_MAX]; /* no link is that long */
    ssize_t length = readlinkat(dir, base, target, sizeof target);
    if (length < 0) {
        return fail_errno(*here, "followed", errno, diag);
    }
    char *next = NULL;
    bool absolute = target[0] == '/'; /* no link is empty */
    if (asprintf(&next, "%s%s%.*s", absolute ? "" : folder, absolute ? "" : "/", (int)length, target) < 0) {
        return fail_errno(*here, "followed", ENOMEM, diag);
    }
    free(*here);
    *here = next;
    return true;
}

enum step { STEP_FAILED, STEP_LINK, STEP_MISSING, STEP_OPEN };

/* One component: opens it if it is a file, or replaces *here by what it points to. Everything is judged on descriptors, so
 * that what was checked is what is read. */
static enum step take_step(char **here, uid_t also, int *fd, struct stat *st, struct diag *diag)
{
    const char *base = NULL;
    char *folder CLEANUP(cleanup_free) = folder_of(*here, &base);
    if (folder == NULL) {
        diag_set(diag, "out of memory");
        return STEP_FAILED;
    }
    int dir CLEANUP(cleanup_fd) = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat dir_st;
    if (dir < 0 || *base == '\0' || fstatat(dir, base, st, AT_SYMLINK_NOFOLLOW) != 0) {
        int error = dir >= 0 && *base == '\0' ? EISDIR : errno;
        if (error == ENOENT || error == ENOTDIR) {
            return STEP_MISSING;
        }
        fail_errno(*here, "looked at", error, diag);
        return STEP_FAILED;
    }
    if (fstat(dir, &dir_st) != 0) {
        fail_errno(folder, "looked at", errno, diag);
        return STEP_FAILED;
    }
    if (!check_owner(&dir_st, folder, also, diag)) {
        return STEP_FAILED;
    }
    if (S_ISLNK(st->st_mode)) {
        return follow(dir, folder, base, here, diag) ? STEP_LINK : STEP_FAILED;
    }
    char word[SHOWN_MAX];
    if (!S_ISREG(st->st_mode)) { /* before it is opened: opening a device or FIFO may do something */
        diag_set(diag, "%s is not a regular file; put one in its place", shown(word, *here));
        return STEP_FAILED;
    }
    *fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, st) != 0) {
        fail_errno(*here, "read", errno, diag);
        return STEP_FAILED;
    }
    if (!S_ISREG(st->st_mode)) {
        diag_set(diag, "%s is not a regular file; put one in its place", shown(word, *here));
        return STEP_FAILED;
    }
    return check_owner(st, *here, also, diag) ? STEP_OPEN : STEP_FAILED;
}

/* *fd is the caller's to close, whatever the result. */
static enum safe_result open_checked(const char *path, uid_t also, int *fd, struct stat *st,
                                     struct diag *diag)
{
    char word[SHOWN_MAX];
    if (path[0] != '/') {
        diag_set(diag, "%s is not an absolute path; write one that begins with /", shown(word, path));
        return SAFE_FAILED;
    }
    char *here CLEANUP(cleanup_free) = strdup(path);
    if (here == NULL) {
        diag_set(diag, "out of memory");
        return SAFE_FAILED;
    }
    for (unsigned links = 0; links <= LINKS_MAX; links++) {
        enum step step = take_step(&here, also, fd, st, diag);
        if (step == STEP_OPEN) {
            return SAFE_OK;
        }
        if (step == STEP_MISSING && links == 0) {
            diag_set(diag, "%s does not exist", shown(word, path));
            return SAFE_MISSING;
        }
        if (step == STEP_MISSING) {
            char target[SHOWN_MAX];
            diag_set(diag, "%s is a link to %s, which does not exist; make that file or remove the link",
                     shown(word, path), shown(target, here));
        }
        if (step != STEP_LINK) {
            return SAFE_FAILED;
        }
    }
    diag_set(diag, "%s is a link that goes round in circles; remove it", shown(word, path));
    return SAFE_FAILED;
}

static bool read_text(int fd, size_t max, char **text, size_t *length, const char *path, struct diag *diag)
{
    char word[SHOWN_MAX];
    char *buffer CLEANUP(cleanup_free) = max < SIZE_MAX ? malloc(max + 1) : NULL;
    if (buffer == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    size_t used = 0;
    if (!safe_read_all(fd, buffer, max + 1,
                       &used)) { /* one octet more than allowed shows that there is more */
        return fail_errno(path, "read", errno, diag);
    }
    if (used > max) {
        diag_set(diag, "%s is longer than %zu bytes", shown(word, path), max);
        return false;
    }
    buffer[used] = '\0';
    char *fitting = realloc(buffer, used + 1);
    if (fitting != NULL) {
        buffer = fitting;
    }
    *text = steal(&buffer);
    *length = used;
    return true;
}

enum safe_result safe_read(const char *path, uid_t also, size_t max, char **text, size_t *length,
                           struct stat *identity, struct diag *diag)
{
    *text = NULL;
    *length = 0;
    int fd CLEANUP(cleanup_fd) = -1;
    struct stat st;
    enum safe_result result = open_checked(path, also, &fd, &st, diag);
    if (result != SAFE_OK) {
        return result;
    }
    if (!read_text(fd, max, text, length, path, diag)) {
        return SAFE_FAILED;
    }
    if (identity != NULL) {
        *identity = st; /* from before reading: a change meanwhile shows as one */
    }
    return SAFE_OK;
}

enum safe_result safe_check(const char *path, uid_t also, struct diag *diag)
{
    int fd CLEANUP(cleanup_fd) = -1;
    struct stat st;
    return open_checked(path, also, &fd, &st, diag);
}

bool safe_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino && one->st_size == other->st_size &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec &&
           one->st_ctim.tv_sec == other->st_ctim.tv_sec && one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

bool safe_read_all(int fd, void *buffer, size_t size, size_t *length)
{
    char *at = buffer;
    *length = 0;
    while (*length < size) {
        ssize_t n = read(fd, at + *length, size - *length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            break;
        }
        *length += (size_t)n;
    }
    return true;
}

bool safe_write_all(int fd, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t n = write(fd, next, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (n == 0) {
                errno = EIO;
            }
            return false;
        }
        next += n;
        length -= (size_t)n;
    }
    return true;
}
