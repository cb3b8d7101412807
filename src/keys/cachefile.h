/* SPDX-License-Identifier: MIT */
/* The cache directory and the one file in it per JWKS URI (and authorities and proxy), shared by
 * all workers of one user; written by `bearerctl refresh` only.
 *
 * The file is JSON: {"version":3,"uri":...,"fetched":...,"whole":...,"doubted":...,"sum":...,
 * "jwks_uri":...,"etag":...,"last_modified":...,"keys":[...]}, with the public members of the
 * eligible keys and nothing else, on one line. `keys` may be empty: the issuer has withdrawn them.
 * A second line has the sum of the first, as `head -n 1 FILE | cksum` prints it, in ten digits: a
 * key with a flipped bit would refuse good tokens, and an issuer that answers "not modified" would
 * keep it so. The file is replaced whole, and whatever is not a regular file of ours with one link
 * is a miss. */
#ifndef FB_KEYS_CACHEFILE_H
#define FB_KEYS_CACHEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/diag.h"

#define CACHE_FILE_MAX (1024 * 1024) /* bytes, without the sum */

struct json_object;

/* The names in the directory that belong to one place that keys come from. */
struct cache_names {
    char document[48];
    char temporary[48];
    /* see attempt.h */
    char record[48];
};

/* What a document says. `json` owns everything else here; release with cached_clear(). */
struct cached {
    struct json_object *json;
    /* seconds since 1970 */
    int64_t fetched;
    /* when they last came as a document and not as "not modified"; 0: unknown */
    int64_t whole;
    /* since then a document without a usable key was seen (struct sighting): have them refreshed */
    bool doubted;
    /* of the document as it came */
    uint32_t sum;
    /* where the keys came from */
    const char *jwks_uri;
    /* validators for a conditional GET; NULL: none */
    const char *etag;
    const char *last_modified;
};

enum cache_result { CACHE_MISS = 0, CACHE_READ, CACHE_UNCHANGED };

/* The names for keys from `uri`, fetched under these authorities (BEARER_CA_FILE) and through this
 * proxy; NULL: the system's, none. */
void cache_names(const char *uri, const char *ca_file, const char *proxy,
                 struct cache_names *names);

/* Whether this is ~/.cache/fcgi-bearer, of whom ever: then cache_dir_open() makes ~/.cache too, as
 * whoever needs it does (XDG Base Directory Specification). */
bool cache_dir_is_default(const char *path);

/* Opens the directory, making it 0700 if only it is missing: it must be ours and writable by nobody
 * else, and all directories above it as for safe_read(), with the same `also`. The descriptor is
 * the caller's; -1 with a message that names the remedy in `diag`. `path` (absolute) NULL: -1. */
int cache_dir_open(const char *path, uid_t also, struct diag *diag);

/* The same, but a directory that is not there is not made. */
int cache_dir_look(const char *path, uid_t also, struct diag *diag);

/* True if `path` still names the open directory: it may have been moved away, or made anew. */
bool cache_dir_current(int dir, const char *path);

/* The checks on an open directory or file alone (doctor asks them as another user): NULL if it will
 * do, else what is wrong. */
const char *cache_dir_flaw(const struct stat *status, uid_t owner);

/* Reads the document for `uri`. *identity is what the last call gave (all zero at first):
 * CACHE_UNCHANGED if the file is still the same, good or not. CACHE_MISS: none (diag->text empty)
 * or an unusable one (diag->text says why). CACHE_READ: *cached is filled. */
enum cache_result cache_read(int dir, const struct cache_names *names, const char *uri,
                             struct stat *identity, struct cached *cached, struct diag *diag);

/* The sum of these octets and a newline, as cksum has it. */
uint32_t cache_crc(const char *text, size_t length);

/* What ends a file with this text: "\n0123456789\n". */
#define CACHE_SUM_LENGTH 12
void cache_sum(char out[CACHE_SUM_LENGTH + 1], const char *text, size_t length);

/* The same from a text that came another way, without sum. */
bool cache_parse(const char *text, size_t length, const char *uri, struct cached *cached,
                 struct diag *diag);
void cached_clear(struct cached *cached);

/* Makes the text for a document with the eligible keys of `jwks` (strict JSON with `keys`), if
 * there are any. Only `json` of `cached` is not looked at. The result is the caller's, to be
 * released with free(); NULL: out of memory, or it would be longer than CACHE_FILE_MAX. */
char *cache_compose(const char *uri, const struct cached *cached, const struct json_object *jwks,
                    size_t *length);

/* Replaces the document by this text and its sum: temporary file (O_EXCL, 0600), checked write,
 * fsync, rename, fsync of the directory. The caller holds the lock. False with a message in `diag`:
 * the old document is still there. */
bool cache_write(int dir, const struct cache_names *names, const char *text, size_t length,
                 struct diag *diag);

#endif
