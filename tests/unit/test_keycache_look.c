/* SPDX-License-Identifier: MIT */
/* A look at the key cache: what a worker would say, without a refresh. */
#include "keycache_test.h"

#include "jose/keyset.h"

static struct keycache *new_look(void)
{
    const struct keycache_options options = {.refresher = self,
                                             .may_keep = true,
                                             .look_only = true,
                                             .stopping = stopping,
                                             .log = &log_to};
    struct keycache *look = keycache_new(site.config, &options);
    if (look == NULL || site.count == 8) {
        tempdir_bail("keycache_new");
    }
    return site.workers[site.count++] = look;
}

/* The same answer as a worker's, `asks` says whether one would have the keys refreshed before
 * it. */
static void looks(const char *kid, bool fits, enum bearer_code expected, bool asks,
                  const char *name)
{
    struct keycache_view view;
    struct keycache *look = new_look();
    expect(look, kid, fits, NOW, expected, "%s", name);
    keycache_view(look, &view);
    is_number(view.would_refresh, asks,
              asks ? "  a worker would ask for a refresh" : "  and nobody would ask for a refresh");
}

static void keys_there(void)
{
    struct keycache_view view;
    size_t length = 0;
    new_site(NULL);
    cached(NOW - 7, KIDS("k1", "k2"));
    looks("k1", true, BEARER_OK, false, "fresh keys");
    looks("k3", false, BEARER_KID_UNKNOWN, false, "an unknown kid, and the claims do not fit");
    looks("k3", true, BEARER_KID_UNKNOWN, true, "an unknown kid, no attempt was made yet");
    struct keycache *look = new_look();
    (void)answer(look, "k1", false, NOW);
    keycache_view(look, &view);
    ok(view.keys != NULL && keyset_count(view.keys) == 2 && view.since == NOW - 7,
       "the keys and their time");
    const char *one = jwk_kid(keyset_key(view.keys, 0), &length);
    const char *other = jwk_kid(keyset_key(view.keys, 1), &length);
    ok(length == 2 && strncmp(one, other, 2) != 0, "each of them, with its kid");
    cached(NOW - TTL, KIDS("k1"));
    looks("k1", true, BEARER_OK, false, "due keys are used: a worker has them refreshed beside");
    cached(NOW - MAX_STALE, KIDS("k1"));
    looks("k1", true, BEARER_NO_KEYS, true, "old keys are not");
}

static void attempts(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(NOW - 10, ATTEMPT_SUCCEEDED, "");
    looks("k3", true, BEARER_KID_UNKNOWN, false,
          "an unknown kid, within the cooldown after a success");
    attempted(NOW - 10, ATTEMPT_FAILED, "refused");
    looks("k3", true, BEARER_NO_KEYS, false, "within the cooldown after a failure");
    is_number(keycache_retry_after(site.workers[site.count - 1]), COOLDOWN - 10,
              "  Retry-After is what is left");
    attempted(NOW - COOLDOWN, ATTEMPT_FAILED, "refused");
    looks("k3", true, BEARER_KID_UNKNOWN, true, "past it");
    attempted(NOW - 10, ATTEMPT_RUNNING, "");
    looks("k3", true, BEARER_KID_UNKNOWN, true, "while one is under way");
    attempted(NOW - 10, ATTEMPT_UNSTORED, "no room");
    looks("k3", true, BEARER_KID_UNKNOWN, true,
          "one that could not be stored: each worker asks for itself");
    is_string(said, "", "nothing was logged");
    int fd = open_record();
    ok(attempt_lock(fd, 0, NULL), "somebody takes the lock");
    looks("k1", true, BEARER_OK, false, "which nobody needs to look");
    struct attempt attempt = last_attempt();
    ok(attempt.when == NOW - 10 && attempt.outcome == ATTEMPT_UNSTORED && !attempt.logged,
       "the record is as it was");
    close(fd);
    is_number(starts(), 0, "nothing was started");
}

static void external(void)
{
    new_site("BEARER_REFRESH=external");
    cached(NOW, KIDS("k1"));
    looks("k3", true, BEARER_NO_KEYS, false, "external, no record");
    is_number(keycache_retry_after(site.workers[site.count - 1]), COOLDOWN,
              "  Retry-After is the cooldown");
    is_number(lines_with("With BEARER_REFRESH=external cron or a timer"), 1, "  it is said");
    attempted(NOW - 1000, ATTEMPT_SUCCEEDED, "");
    looks("k3", true, BEARER_KID_UNKNOWN, false,
          "external, the last one succeeded, however long ago");
    attempted(NOW - 1000, ATTEMPT_FAILED, "refused");
    looks("k3", true, BEARER_NO_KEYS, false, "external, the last one failed");
    attempted(NOW, ATTEMPT_RUNNING, "");
    looks("k3", true, BEARER_NO_KEYS, false, "external, it ended without saying how");
}

static void no_directory(void)
{
    new_site(NULL);
    looks("k1", true, BEARER_NO_KEYS, true, "no directory");
    ok(access(in_site("cache"), F_OK) != 0, "  none is made");
    is_number(lines_with("cannot be opened: No such file or directory"), 1, "  it is said");
    new_site("BEARER_CACHE_DIR=/proc/self/nowhere/cache");
    looks("k1", true, BEARER_NO_KEYS, true, "nor one that could be made");
}

static void from_file(void)
{
    char uri[PATH_MAX + 32];
    struct keycache_view view;
    new_site(NULL);
    char *jwks = jwks_with(key, KIDS("k1"));
    put(in_site("jwks.json"), jwks);
    free(jwks);
    snprintf(uri, sizeof uri, "BEARER_JWKS_URI=file://%s", in_site("jwks.json"));
    new_site(uri);
    struct stat status;
    struct keycache *look = new_look();
    expect(look, "k1", true, NOW, BEARER_OK, "keys from a file");
    expect(look, "k3", true, NOW, BEARER_KID_UNKNOWN, "of which nobody asks for more");
    keycache_view(look, &view);
    ok(stat(strchr(uri, '/') + 2, &status) == 0 && view.since == status.st_mtim.tv_sec &&
           !view.would_refresh,
       "the time is the file's");
}

int main(int argc, char **argv)
{
    if (is_bearerctl(argc, argv)) {
        _exit(play_bearerctl(argc, argv));
    }
    keycache_test_begin();
    keys_there();
    attempts();
    external();
    no_directory();
    from_file();
    return keycache_test_end();
}
