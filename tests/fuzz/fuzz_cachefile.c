/* SPDX-License-Identifier: MIT */
/* The text of a cache file that somebody else may have written, read from a file and from a pipe's
 * octets. What must hold: both ways agree; what is taken has what a document must have; and writing
 * it and reading it again gives the same. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "keys/cachefile.h"

#include "../unit/tempdir.h"

#define URI "https://issuer.test/jwks.json"

static struct cache_names names;
static int dir = -1;
static int file = -1;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct diag diag = {""};
    (void)argc;
    (void)argv;
    tempdir_make();
    cache_names(URI, NULL, NULL, &names);
    dir = cache_dir_open(at("cache"), (uid_t)-1, &diag);
    file = openat(dir, names.document, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must_hold(dir >= 0 && file >= 0, "a cache directory: %s", diag.text);
    return 0;
}

static bool same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool is_printable(const char *text)
{
    return text == NULL || *text == '\0' || is_message(text);
}

/* The same from a file, with the sum that ends one. */
static bool read_file(const uint8_t *data, size_t size, struct cached *cached)
{
    struct diag diag = {""};
    struct stat identity = {0};
    char sum[CACHE_SUM_LENGTH + 1];
    cache_sum(sum, (const char *)data, size);
    must_hold(pwrite(file, data, size, 0) == (ssize_t)size &&
                  pwrite(file, sum, CACHE_SUM_LENGTH, (off_t)size) == CACHE_SUM_LENGTH &&
                  ftruncate(file, (off_t)size + CACHE_SUM_LENGTH) == 0,
              "a file to read");
    enum cache_result result = cache_read(dir, &names, URI, &identity, cached, &diag);
    must_hold(result != CACHE_UNCHANGED, "nothing was read before");
    must_hold(result == CACHE_READ || is_message(diag.text), "a reason");
    struct cached again = {0};
    must_hold(cache_read(dir, &names, URI, &identity, &again, &diag) == CACHE_UNCHANGED &&
                  again.json == NULL,
              "good or not, it is read once");
    return result == CACHE_READ;
}

static void check_again(const struct cached *cached)
{
    struct diag diag = {""};
    struct cached again = {0};
    size_t length = 0;
    size_t again_length = 0;
    char *text CLEANUP(cleanup_free) = cache_compose(URI, cached, cached->json, &length);
    struct keyset *set CLEANUP(keyset_cleanup) = keyset_make(cached->json, JWA_ALL, NULL, &diag);
    if (text == NULL) {
        must_hold(set == NULL, "what holds a set can be written"); /* else: too many keys */
        return;
    }
    must_hold(cache_parse(text, length, URI, &again, &diag), "what was written can be read: %s",
              diag.text);
    must_hold(cached->whole >= 0 && cached->whole == again.whole &&
                  cached->doubted == again.doubted && cached->sum == again.sum,
              "what decides about the next fetch");
    must_hold(cached->fetched == again.fetched && same(cached->etag, again.etag) &&
                  same(cached->last_modified, again.last_modified) &&
                  same(cached->jwks_uri, again.jwks_uri),
              "as it was written");
    struct keyset *set_again CLEANUP(keyset_cleanup) =
        keyset_make(again.json, JWA_ALL, NULL, &diag);
    must_hold((set == NULL) == (set_again == NULL), "the same keys");
    must_hold(set == NULL || keyset_count(set) == keyset_count(set_again), "the same keys");
    char *text_again CLEANUP(cleanup_free) = cache_compose(URI, &again, again.json, &again_length);
    must_hold(text_again != NULL && length == again_length && memcmp(text, text_again, length) == 0,
              "writing what was read changes nothing");
    cached_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diag diag = {""};
    struct cached cached = {0};
    struct cached from_file = {0};
    bool taken = cache_parse((const char *)data, size, URI, &cached, &diag);
    must_hold(taken == read_file(data, size, &from_file), "a file and a pipe are read alike");
    must_hold(taken == (cached.json != NULL) && taken == (from_file.json != NULL),
              "a document if taken");
    must_hold(taken || is_message(diag.text), "a reason");
    if (taken) {
        must_hold(cached.fetched > 0 && cached.fetched == from_file.fetched, "a time");
        must_hold(is_printable(cached.etag) && is_printable(cached.last_modified),
                  "validators for a request");
        must_hold(js_string_is(cached.json, "uri", URI) && js_array(cached.json, "keys") != NULL,
                  "is ours");
        check_again(&cached);
    }
    cached_clear(&cached);
    cached_clear(&from_file);
    return 0;
}
