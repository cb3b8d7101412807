/* SPDX-License-Identifier: MIT */
/* A directory of our own for a test's files, and what tests do with files. Whatever fails here ends
 * the program: the test cannot go on. */
#ifndef TEMPDIR_H
#define TEMPDIR_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char tempdir[4096];

__attribute__((noreturn, unused)) static void tempdir_bail(const char *what)
{
    printf("Bail out! %s: ", what);
    fflush(stdout);
    perror(NULL);
    exit(99);
}

__attribute__((unused)) static int tempdir_remove_one(const char *path, const struct stat *st,
                                                      int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

__attribute__((unused)) static void tempdir_remove(void)
{
    nftw(tempdir, tempdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes it, mode 0755, and removes it at exit. Links in $TMPDIR are resolved, so that messages can
 * be compared. */
__attribute__((unused)) static void tempdir_make(void)
{
    const char *base = getenv("TMPDIR");
    char *real = realpath(base != NULL && base[0] == '/' ? base : "/tmp", NULL);
    if (real == NULL || snprintf(tempdir, sizeof tempdir, "%s/fb-unit.XXXXXX", real) < 0 ||
        mkdtemp(tempdir) == NULL || chmod(tempdir, 0755) != 0 || atexit(tempdir_remove) != 0) {
        tempdir_bail("temporary directory");
    }
    free(real);
}

/* tempdir/FORMAT; one of eight static buffers. */
__attribute__((format(printf, 1, 2), unused)) static const char *at(const char *format, ...)
{
    static char paths[8][8192];
    static unsigned next;
    char *path = paths[next++ % 8];
    int head = snprintf(path, sizeof paths[0], "%s/", tempdir);
    va_list args;
    va_start(args, format);
    vsnprintf(path + head, sizeof paths[0] - (size_t)head, format, args);
    va_end(args);
    return path;
}

__attribute__((unused)) static void put_bytes(const char *path, const void *bytes, size_t length,
                                              mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || fchmod(fd, mode) != 0 ||
        close(fd) != 0) {
        tempdir_bail(path);
    }
}

__attribute__((unused)) static const char *put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text), 0644);
    return path;
}

__attribute__((unused)) static void make_directory(const char *path, mode_t mode)
{
    if (mkdir(path, 0700) != 0 || chmod(path, mode) != 0) {
        tempdir_bail(path);
    }
}

/* True if we are root. Otherwise the test named so has failed, or is skipped where
 * FB_UNPRIVILEGED=1 says that this is known. */
__attribute__((unused)) static bool needs_root(const char *test)
{
    if (geteuid() == 0) {
        return true;
    }
    const char *known = getenv("FB_UNPRIVILEGED");
    if (known != NULL && strcmp(known, "1") == 0) {
        printf("ok %d - %s # SKIP needs root\n", ++tap_count, test);
    } else {
        ok(false, "%s: needs root (FB_UNPRIVILEGED=1 skips it)", test);
    }
    return false;
}

/* Runs what follows as another user; for root only. become(0) returns. Groups too: root's would
 * open doors. */
__attribute__((unused)) static void become(uid_t uid)
{
    if (seteuid(0) != 0 || setegid((gid_t)uid) != 0 || seteuid(uid) != 0) {
        tempdir_bail("change of user");
    }
}

/* All fragments (NULL at the end) are in `text`. */
__attribute__((unused, sentinel)) static void has(const char *text, const char *test, ...)
{
    va_list args;
    va_start(args, test);
    bool good = true;
    for (const char *part = va_arg(args, const char *); part != NULL;
         part = va_arg(args, const char *)) {
        if (strstr(text, part) == NULL) {
            good = false;
            printf("# not there: %s\n", part);
        }
    }
    va_end(args);
    if (!ok(good, "%s", test)) {
        printf("# got: %s\n", text);
    }
}

#endif
