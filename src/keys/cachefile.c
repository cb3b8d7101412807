/* SPDX-License-Identifier: MIT */
#include "keys/cachefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replacefile.h"
#include "base/safefile.h"
#include "jose/keyset.h"
#include "json/json.h"

#define FORMAT 3

static void add_text(uint64_t *hash, const char *text)
{
    for (; *text != '\0'; text++) {
        *hash = (*hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
}

/* FNV-1a: only a name. Two URIs with one name are told apart by the URI in the file. What else was
 * given is told from the URI, and one from the other, by a line end, which neither holds. */
void cache_names(const char *uri, const char *ca_file, const char *proxy, struct cache_names *names)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    add_text(&hash, uri);
    if (ca_file != NULL || proxy != NULL) {
        add_text(&hash, "\n");
        add_text(&hash, ca_file != NULL ? ca_file : "");
        add_text(&hash, "\n");
        add_text(&hash, proxy != NULL ? proxy : "");
    }
    (void)snprintf(names->document, sizeof names->document, "jwks-%016" PRIx64 ".json", hash);
    (void)snprintf(names->temporary, sizeof names->temporary, "jwks-%016" PRIx64 ".tmp", hash);
    (void)snprintf(names->record, sizeof names->record, "jwks-%016" PRIx64 ".lock", hash);
}

static uint32_t add_octet(uint32_t crc, unsigned octet)
{
    crc ^= (uint32_t)octet << 24;
    for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ ((crc & UINT32_C(0x80000000)) != 0 ? UINT32_C(0x04c11db7) : 0);
    }
    return crc;
}

/* The sum is that of POSIX's cksum. */
uint32_t cache_crc(const char *text, size_t length)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc = add_octet(crc, (unsigned char)text[i]);
    }
    crc = add_octet(crc, '\n');
    for (size_t n = length + 1; n > 0; n >>= 8) {
        crc = add_octet(crc, n & 0xff);
    }
    return ~crc;
}

void cache_sum(char out[CACHE_SUM_LENGTH + 1], const char *text, size_t length)
{
    (void)snprintf(out, CACHE_SUM_LENGTH + 1, "\n%010" PRIu32 "\n", cache_crc(text, length));
}

/* True if the text of a file ends with its sum; *length is then without that. */
static bool take_sum(const char *text, size_t *length)
{
    char sum[CACHE_SUM_LENGTH + 1];
    if (*length < CACHE_SUM_LENGTH) {
        return false;
    }
    cache_sum(sum, text, *length - CACHE_SUM_LENGTH);
    *length -= CACHE_SUM_LENGTH;
    return memcmp(text + *length, sum, CACHE_SUM_LENGTH) == 0;
}

const char *cache_dir_flaw(const struct stat *status, uid_t owner)
{
    if (!S_ISDIR(status->st_mode)) {
        return "is not a directory";
    }
    if (status->st_uid != owner) {
        return "belongs to another user";
    }
    if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return "can be written by others (chmod go-w)";
    }
    return NULL;
}

bool cache_dir_is_default(const char *path)
{
    static const char end[] = "/.cache/fcgi-bearer";
    size_t length = strlen(path);
    return length >= sizeof end - 1 && strcmp(path + length - (sizeof end - 1), end) == 0;
}

/* ~/.cache, which must be there for the one in it. */
static bool make_above(const char *path, uid_t also)
{
    char *above CLEANUP(cleanup_free) = strndup(path, (size_t)(strrchr(path, '/') - path));
    const char *base = NULL;
    int home CLEANUP(cleanup_fd) = above != NULL ? safe_parent(above, also, &base, NULL) : -1;
    return home >= 0 && (mkdirat(home, base, 0700) == 0 || errno == EEXIST);
}

static void tell_not_opened(const char *path, int error, struct diag *diag)
{
    diag_set(diag, "cache directory %s cannot be opened: %s", path, strerror(error));
}

static void tell_not_made(const char *path, int error, struct diag *diag)
{
    diag_set(
        diag,
        "cache directory %s cannot be made: %s; make it for the user the workers run as (uid %ld), "
        "or set BEARER_CACHE_DIR",
        path, strerror(error), (long)geteuid());
}

/* The directory that `path` names something in, and that name. `make`: may be made if it is
 * ~/.cache. -1 with a message. */
static int open_above(const char *path, uid_t also, bool make, const char **base, struct diag *diag)
{
    int above = safe_parent(path, also, base, diag);
    if (above < 0 && errno == ENOENT && make && cache_dir_is_default(path) &&
        make_above(path, also)) {
        above = safe_parent(path, also, base, diag);
    }
    if (above < 0 && errno == ENOENT && make) {
        tell_not_made(path, errno, diag);
    } else if (above < 0 && errno == ENOENT) {
        tell_not_opened(path, errno, diag);
    } else if (above < 0) {
        diag_wrap(diag, "cache directory %s", path);
    }
    return above;
}

static int open_dir(const char *path, uid_t also, bool make, struct diag *diag)
{
    const char *base = NULL;
    struct stat status;
    if (path == NULL) {
        diag_set(
            diag,
            "no cache directory: set BEARER_CACHE_DIR to one that belongs to the user the workers "
            "run as");
        return -1;
    }
    int above CLEANUP(cleanup_fd) = open_above(path, also, make, &base, diag);
    if (above < 0) {
        return -1;
    }
    if (make && mkdirat(above, base, 0700) != 0 && errno != EEXIST) {
        tell_not_made(path, errno, diag);
        return -1;
    }
    int fd CLEANUP(cleanup_fd) =
        openat(above, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        tell_not_opened(path, errno, diag);
        return -1;
    }
    const char *flaw = cache_dir_flaw(&status, geteuid());
    if (flaw != NULL) {
        diag_set(diag,
                 "cache directory %s %s: it must be owned by uid %ld and writable by nobody else",
                 path, flaw, (long)geteuid());
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

int cache_dir_open(const char *path, uid_t also, struct diag *diag)
{
    return open_dir(path, also, true, diag);
}

int cache_dir_look(const char *path, uid_t also, struct diag *diag)
{
    return open_dir(path, also, false, diag);
}

bool cache_dir_current(int dir, const char *path)
{
    struct stat held;
    struct stat named;
    return path != NULL && fstat(dir, &held) == 0 && lstat(path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* Opens the document without following or blocking on anything planted there. -1: *why says so, or
 * is NULL if there is none. */
static int open_document(int dir, const char *name, struct stat *status, const char **why)
{
    *why = NULL;
    int fd CLEANUP(cleanup_fd) = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        *why = errno == ENOENT ? NULL : errno == ELOOP ? "is a symbolic link" : strerror(errno);
        return -1;
    }
    if (fstat(fd, status) != 0) {
        *why = strerror(errno);
    } else if (!S_ISREG(status->st_mode)) {
        *why = "is not a regular file";
    } else if (status->st_uid != geteuid()) {
        *why = "belongs to another user";
    } else if (status->st_nlink != 1) {
        *why = "has more than one link";
    } else if (status->st_size > CACHE_FILE_MAX + CACHE_SUM_LENGTH) {
        *why = "is larger than 1 MiB";
    }
    if (*why != NULL) {
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

enum cache_result cache_read(int dir, const struct cache_names *names, const char *uri,
                             struct stat *identity, struct cached *cached, struct diag *diag)
{
    struct stat status = {0};
    const char *why = NULL;
    *cached = (struct cached){0};
    diag->text[0] = '\0';
    if (fstatat(dir, names->document, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        *identity = (struct stat){0};
        if (errno != ENOENT) {
            diag_set(diag, "cache file %s: %s", names->document, strerror(errno));
        }
        return CACHE_MISS;
    }
    if (safe_same(&status, identity)) {
        return CACHE_UNCHANGED;
    }
    *identity = status;
    int fd CLEANUP(cleanup_fd) = open_document(dir, names->document, &status, &why);
    if (fd < 0) {
        if (why != NULL) {
            diag_set(diag, "cache file %s %s; it is ignored", names->document, why);
        }
        return CACHE_MISS;
    }
    *identity = status;
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = malloc((size_t)status.st_size + 1);
    if (text == NULL || !safe_read_all(fd, text, (size_t)status.st_size + 1, &length)) {
        diag_set(diag, "cache file %s cannot be read: %s", names->document, strerror(errno));
        return CACHE_MISS;
    }
    if (!take_sum(text, &length)) {
        diag_set(
            diag,
            "cache file %s is damaged: its last line is not the sum of the first; it is ignored",
            names->document);
        return CACHE_MISS;
    }
    if (!cache_parse(text, length, uri, cached, diag)) {
        diag_wrap(diag, "cache file %s is ignored", names->document);
        return CACHE_MISS;
    }
    return CACHE_READ;
}

/* It may become part of a request to the issuer: what is not printable ASCII counts as absent. */
static const char *printable(const char *text)
{
    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e) {
            return NULL;
        }
    }
    return text;
}

/* A number of this document, 0 if it is none or larger than `most`. */
static int64_t count_of(const struct json_object *json, const char *name, int64_t most)
{
    int64_t count = js_count(json, name);
    return count > 0 && count <= most ? count : 0;
}

bool cache_parse(const char *text, size_t length, const char *uri, struct cached *cached,
                 struct diag *diag)
{
    const char *why = NULL;
    *cached = (struct cached){0};
    struct json_object *json CLEANUP(js_cleanup) = js_parse(text, length, &why);
    if (json == NULL) {
        diag_set(diag, "not strict JSON: %s", why);
        return false;
    }
    if (js_count(json, "version") != FORMAT) {
        diag_set(diag, "of another version");
        return false;
    }
    if (!js_string_is(json, "uri", uri)) {
        diag_set(diag, "for another URI");
        return false;
    }
    if (js_count(json, "fetched") <= 0 || js_array(json, "keys") == NULL) {
        diag_set(diag, "without a time or keys");
        return false;
    }
    cached->fetched = js_count(json, "fetched");
    cached->whole = count_of(json, "whole", INT64_MAX);
    cached->doubted = count_of(json, "doubted", 1) == 1;
    cached->sum = (uint32_t)count_of(json, "sum", UINT32_MAX);
    cached->jwks_uri = js_string(json, "jwks_uri", NULL);
    cached->etag = printable(js_string(json, "etag", NULL));
    cached->last_modified = printable(js_string(json, "last_modified", NULL));
    cached->json = steal(&json);
    return true;
}

void cached_clear(struct cached *cached)
{
    js_free(cached->json);
    *cached = (struct cached){0};
}

static bool set_text(struct json_object *json, const char *name, const char *text)
{
    return text == NULL || js_set_string(json, name, text, strlen(text));
}

char *cache_compose(const char *uri, const struct cached *cached, const struct json_object *jwks,
                    size_t *length)
{
    struct json_object *json CLEANUP(js_cleanup) = js_new_object();
    if (json == NULL || !js_set_count(json, "version", FORMAT) || !set_text(json, "uri", uri) ||
        !js_set_count(json, "fetched", cached->fetched) ||
        !js_set_count(json, "whole", cached->whole) ||
        !js_set_count(json, "doubted", cached->doubted ? 1 : 0) ||
        !js_set_count(json, "sum", cached->sum) || !set_text(json, "jwks_uri", cached->jwks_uri) ||
        !set_text(json, "etag", cached->etag) ||
        !set_text(json, "last_modified", cached->last_modified) ||
        !js_set_value(json, "keys", keyset_public_keys(jwks))) {
        return NULL;
    }
    char *text CLEANUP(cleanup_free) = js_text(json, length);
    return text == NULL || *length > CACHE_FILE_MAX ? NULL : steal(&text);
}

bool cache_write(int dir, const struct cache_names *names, const char *text, size_t length,
                 struct diag *diag)
{
    static const char *const failed[] = {[REPLACE_CREATE] = "cannot create",
                                         [REPLACE_WRITE] = "cannot write",
                                         [REPLACE_RENAME] = "cannot put in place"};
    char sum[CACHE_SUM_LENGTH + 1];
    cache_sum(sum, text, length);
    const struct replace_piece pieces[] = {{text, length}, {sum, CACHE_SUM_LENGTH}};
    /* Where a file system cannot sync a directory, the rename is still whole. */
    const enum replace_step step =
        replace_file(dir, names->temporary, names->document, REPLACE_OURS(0600), pieces, 2, NULL);
    if (step != REPLACE_DONE) {
        diag_set(diag, "%s %s: %s; the old keys stay", failed[step], names->temporary,
                 strerror(errno));
    }
    return step == REPLACE_DONE;
}
