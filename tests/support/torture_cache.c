/* SPDX-License-Identifier: MIT */
/* Of torture: the cache directory before and after each failure. */
#include "torture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "jose/keyset.h"
#include "keys/attempt.h"

#define LOCK_WAIT_MS 20000

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int open_cache(const struct order *order)
{
    return open(order->cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A refresh that goes on holds the lock of the record. */
static bool wait_for_lock(int dir, const char *record)
{
    int fd CLEANUP(cleanup_fd) = openat(dir, record, O_RDWR | O_CLOEXEC);
    return fd < 0 || attempt_lock(fd, LOCK_WAIT_MS, NULL);
}

static bool copy_saved(const struct order *order, int dir, const char *name)
{
    char bytes[65536];
    int from CLEANUP(cleanup_fd) = open(order->saved, O_RDONLY | O_CLOEXEC);
    int to CLEANUP(cleanup_fd) = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t n = from < 0 ? -1 : read(from, bytes, sizeof bytes);
    return n > 0 && to >= 0 && write(to, bytes, (size_t)n) == n;
}

bool cache_reset(const struct order *order)
{
    struct cache_names names = {0};
    int dir CLEANUP(cleanup_fd) = open_cache(order);
    if (dir < 0) {
        return true; /* as ordered: there is none */
    }
    cache_names(order->uri, order->ca, NULL, &names);
    if (!wait_for_lock(dir, names.record)) {
        printf("# a refresh does not end\n");
        return false;
    }
    (void)unlinkat(dir, names.document, 0);
    (void)unlinkat(dir, names.record, 0);
    if (order->saved != NULL && !copy_saved(order, dir, names.document)) {
        perror("# the saved document");
        return false;
    }
    return true;
}

static bool nothing_else(const struct order *order, const struct cache_names *names)
{
    bool good = true;
    DIR *entries = opendir(order->cache);
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (!is_dots(entry->d_name) && strcmp(entry->d_name, names->document) != 0 &&
            strcmp(entry->d_name, names->record) != 0) {
            printf("# left in the cache: %s\n", entry->d_name);
            good = false;
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return good;
}

static bool same_as_saved(const struct order *order, int dir, const char *name)
{
    char saved[65536];
    char now[65536];
    int from CLEANUP(cleanup_fd) =
        order->saved == NULL ? -1 : open(order->saved, O_RDONLY | O_CLOEXEC);
    int to CLEANUP(cleanup_fd) = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t old_length = from < 0 ? -1 : read(from, saved, sizeof saved);
    ssize_t length = to < 0 ? -1 : read(to, now, sizeof now);
    return old_length == length && (length < 0 || memcmp(saved, now, (size_t)length) == 0);
}

bool cache_whole(const struct order *order, bool *fresh)
{
    struct cache_names names = {0};
    struct cached cached CLEANUP(cached_clear) = {0};
    struct stat identity = {0};
    struct diag diag = {0};
    int dir CLEANUP(cleanup_fd) = open_cache(order);
    *fresh = false;
    if (dir < 0) {
        return true;
    }
    cache_names(order->uri, order->ca, NULL, &names);
    if (!wait_for_lock(dir, names.record) || !nothing_else(order, &names)) {
        return false;
    }
    *fresh = !same_as_saved(order, dir, names.document);
    if (cache_read(dir, &names, order->uri, &identity, &cached, &diag) != CACHE_READ) {
        bool none = diag.text[0] == '\0' && order->saved == NULL;
        printf("%s%s%s", none ? "" : "# the cache file is not whole: ", diag.text,
               none ? "" : "\n");
        return none;
    }
    struct keyset *keys CLEANUP(keyset_cleanup) = keyset_make(cached.json, JWA_ALL, NULL, &diag);
    if (keys == NULL) {
        printf("# %s\n", diag.text);
    }
    return keys != NULL;
}
