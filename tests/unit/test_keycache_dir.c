/* SPDX-License-Identifier: MIT */
/* Where keys come from when there is no usable cache: damaged files, directories that will not do,
 * BEARER_REFRESH=external, file:// keys. */
#include "keycache_test.h"

#define STRANGER 12345 /* a uid that is nobody's */

static const char *cache_file(void)
{
    struct cache_names names = {0};
    cache_names(CACHE_URI, NULL, NULL, &names);
    return in_site("cache/%s", names.document);
}

static const char *record_file(void)
{
    struct cache_names names = {0};
    cache_names(CACHE_URI, NULL, NULL, &names);
    return in_site("cache/%s", names.record);
}

static void damage(const char *text)
{
    put(cache_file(), text);
    chmod(cache_file(), 0600);
}

static void damaged(void)
{
    new_site(NULL);
    struct keycache *worker = new_worker();
    cached(NOW, KIDS("k1"));
    damage("{\"version\":3,");
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    expect(worker, "k1", false, NOW, BEARER_OK, "a damaged file is a miss, and replaced");
    is_number(lines_with("is damaged"), 1, "  with one line");
    is_number(lines_with(""), 1, "  and no other");

    new_site(NULL);
    cached(NOW, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("wait go\ninstall new\nok\n");
    worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "keys that are held");
    damage("<html>");
    for (int i = 0; i < 20; i++) {
        (void)answer(worker, "k1", false, NOW);
    }
    expect(worker, "k1", false, NOW, BEARER_OK, "  stay when the file is damaged");
    is_number(lines_with(""), 1, "  with one line");
    put(in_site("go"), "");
    ok(EVENTUALLY(answer(worker, "k2", false, NOW) == BEARER_OK), "  and it is made again");
    is_number(starts(), 1, "  by one refresh");
    unlink(cache_file());
    expect(worker, "k1", false, NOW, BEARER_OK, "  they stay when it is gone");
    is_number(lines_with(""), 1, "  which needs no line");
}

/* Another set's file under this name, and one whose only key is not for us. */
static void foreign(void)
{
    size_t length = 0;
    new_site(NULL);
    char *jwks = jwks_with(key, KIDS("k1"));
    char *text = document_of(CACHE_URI "/other", NOW, jwks);
    ok(install(in_site("cache"), text, strlen(text)), "the file of another URI under this name");
    free(text);
    script("failed down\n");
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "  its keys are not ours");
    is_number(lines_with("for another URI"), 1, "  which is logged");
    free(jwks);

    new_site("AUTH0_ALGORITHMS=RS256");
    cached(NOW, KIDS("k1"));
    script("failed down\n");
    worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_KID_UNKNOWN,
           "D4: keys for another algorithm than the configured");
    expect(worker, NULL, false, NOW, BEARER_KID_MISSING, "  are none");
    for (int i = 0; i < 5; i++) {
        expect(worker, "k1", true, NOW, BEARER_NO_KEYS, "  and there may be newer ones");
    }
    is_number(starts(), 1, "  one refresh");
    is_number(lines_with(""), 1, "  and one line for it");
    text = content_of(cache_file(), &length);
    ok(text != NULL && strstr(text, "k1") != NULL, "  the file is left alone");
    free(text);
}

static void plant(const char *what)
{
    unlink(cache_file());
    document("target", NOW, KIDS("evil"));
    chmod(in_site("target"), 0600);
    int bad = strcmp(what, "link") == 0   ? symlink(in_site("target"), cache_file())
              : strcmp(what, "twin") == 0 ? link(in_site("target"), cache_file())
                                          : mkfifo(cache_file(), 0600);
    if (bad != 0) {
        tempdir_bail(what);
    }
}

static void planted(void)
{
    static const char *const whats[][2] = {
        {"link", "symbolic link"}, {"twin", "more than one link"}, {"FIFO", "not a regular file"}};
    for (size_t i = 0; i < 3; i++) {
        new_site(NULL);
        cached(NOW, KIDS("k1"));
        plant(whats[i][0]);
        document("new", NOW, KIDS("k1"));
        script("failed down\n");
        struct keycache *worker = new_worker();
        expect(worker, "evil", true, NOW, BEARER_NO_KEYS, "a planted %s", whats[i][0]);
        is_number(lines_with(whats[i][1]), 1, "  is a miss and one line");
        script("install new\nok\n");
        expect(worker, "evil", true, NOW + COOLDOWN, BEARER_NO_KEYS, "  within our own cooldown");
        struct keycache *other = new_worker();
        expect(other, "evil", true, NOW + COOLDOWN, BEARER_KID_UNKNOWN, "  and is replaced");
        expect(other, "k1", true, NOW + COOLDOWN, BEARER_OK, "  by the real one");
        expect(worker, "k1", true, NOW + COOLDOWN, BEARER_OK, "  which all take up");
        is_number(starts(), 2, "  after two refreshes");
    }
}

/* A directory that others can write: everything goes through the pipe. */
static void spoil_directory(void)
{
    if (mkdir(in_site("cache"), 0700) != 0 || chmod(in_site("cache"), 0777) != 0) {
        tempdir_bail("chmod");
    }
}

static void through_the_pipe(void)
{
    new_site(NULL);
    spoil_directory();
    document("new", NOW, KIDS("k1"));
    script("pipe new\n");
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK,
           "no usable directory: the document comes through the pipe");
    expect(worker, "k1", false, NOW + TTL - 1, BEARER_OK, "  and is kept");
    expect(worker, "k2", true, NOW, BEARER_KID_UNKNOWN,
           "  kid unknown, within the cooldown after a success");
    expect(worker, "k2", true, NOW + 3600, BEARER_KID_UNKNOWN, "  whatever the clock says");
    is_number(starts(), 1, "  one refresh");
    struct keycache *other = new_worker();
    expect(other, "k1", false, NOW, BEARER_OK, "  another worker for itself");
    is_number(starts(), 2, "  by another one");
    is_number(lines_with("chmod go-w"), 2, "  one line for each says why");
    is_number(lines_with("each worker fetches keys for itself"), 2, "  and what follows");
    is_number(lines_with(""), 2, "  and no other");
    ok(access(cache_file(), F_OK) != 0 && access(record_file(), F_OK) != 0,
       "  nothing is put there");

    new_site("BEARER_JWKS_COOLDOWN=0");
    spoil_directory();
    document("new", NOW, KIDS("k1"));
    script("pipe new\n");
    worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "keys from the pipe");
    document("new", NOW + TTL, KIDS("k1", "k2"));
    expect(worker, "k1", false, NOW + TTL, BEARER_OK, "  when due are used");
    ok(EVENTUALLY(answer(worker, "k2", false, NOW + TTL) == BEARER_OK), "  and refreshed");
    script("");
    expect(worker, "k3", true, NOW + TTL, BEARER_NO_KEYS, "  a refresh without result fails");
    is_number(lines_with("could not be refreshed"), 1, "  which is logged");
    expect(worker, "k1", true, NOW + TTL, BEARER_OK, "  and the keys stay");
    document("new", NOW + TTL, KIDS("k1", "k2", "k3"));
    script("pipe new\n");
    expect(worker, "k3", true, NOW + TTL, BEARER_OK, "  until the next");
}

static void hostile_pipe(void)
{
    static const char *const names[] = {"nothing", "junk", "foreign", "empty", "long"};
    static const char *const said_of[] = {"could not be refreshed: run \"bearerctl refresh\"",
                                          "not strict JSON", "for another URI",
                                          "the key set is empty", "it is too long"};
    new_site(NULL);
    spoil_directory();
    char *jwks = jwks_with(key, KIDS("k1"));
    char *other = document_of("https://other.example.test/", NOW, jwks);
    char *empty = document_of(CACHE_URI, NOW, "{\"keys\":[]}");
    char *large = malloc(CACHE_FILE_MAX + 2);
    memset(large, ' ', CACHE_FILE_MAX + 1);
    large[CACHE_FILE_MAX + 1] = '\0';
    put(in_site("nothing"), "");
    put(in_site("junk"), "{\"keys\":[");
    put(in_site("foreign"), other);
    put(in_site("empty"), empty);
    put(in_site("long"), large);
    for (size_t i = 0; i < 5; i++) {
        char line[32];
        said[0] = '\0';
        snprintf(line, sizeof line, "pipe %s\n", names[i]);
        script(line);
        struct keycache *worker = new_worker();
        expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "through the pipe: %s", names[i]);
        is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
        expect(worker, "k1", true, NOW, BEARER_NO_KEYS, "  and within it");
        is_number(lines_with(said_of[i]), 1, "  one line says what was wrong");
        is_number(lines_with(""), 2, "  beside the one about the directory");
    }
    is_number(starts(), 5, "one refresh for each worker");
    free(jwks);
    free(other);
    free(empty);
    free(large);
}

static void plain_cgi(void)
{
    new_site(NULL);
    spoil_directory();
    document("new", NOW, KIDS("k1"));
    script("pipe new\n");
    struct keycache *worker = worker_of(self, false);
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "plain CGI without a usable directory");
    is_number(starts(), 0, "  does not fetch what it cannot keep");
    is_number(lines_with("Plain CGI gets no keys without it"), 1, "  and says why");
    is_number(lines_with("chmod go-w"), 1, "  and what to do");
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
    chmod(in_site("cache"), 0700);
    script("install new\nok\n");
    expect(worker_of(self, false), "k1", false, NOW, BEARER_OK, "with one it is like a worker");
    new_site(NULL);
    script("pipe new\nok\n");
    document("new", NOW, KIDS("k1"));
    expect(
        worker_of(self, false), "k1", false, NOW, BEARER_NO_KEYS,
        "keys that come through the pipe after all, as the cache could not take them, it does not "
        "keep");
    is_number(starts(), 1, "  though they were fetched");
}

/* Ours, but nothing can be written there: a file system mounted read-only, for one. */
static void unwritable(void)
{
    if (!needs_root("a directory that can be read only")) {
        return;
    }
    new_site(NULL);
    cached(NOW - TTL, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("pipe new\n");
    put(in_site("count"), "");
    if (chown(in_site("cache"), STRANGER, STRANGER) != 0 ||
        chown(cache_file(), STRANGER, STRANGER) != 0 || chmod(in_site("cache"), 0500) != 0 ||
        chmod(in_site("count"), 0666) != 0) {
        tempdir_bail("chown");
    }
    become(STRANGER);
    struct keycache *worker = new_worker();
    struct keycache *cgi = worker_of(self, false);
    expect(worker, "k1", false, NOW, BEARER_OK,
           "a directory that can be read only: its keys are used");
    ok(EVENTUALLY(answer(worker, "k2", false, NOW) == BEARER_OK),
       "  and refreshed through the pipe");
    for (int i = 0; i < 50; i++) {
        (void)answer(worker, "k9", true, NOW);
    }
    expect(cgi, "k1", false, NOW, BEARER_OK, "  plain CGI uses them too");
    expect(cgi, "k2", true, NOW, BEARER_NO_KEYS, "  but has no others");
    become(0);
    is_number(starts(), 1, "  one refresh");
    is_number(lines_with("each worker fetches keys for itself"), 1,
              "  one line however many requests");
    is_number(lines_with("Plain CGI gets no keys without it"), 1, "  and one of plain CGI");
    is_number(lines_with(""), 2, "  and no other");
}

/* What the file is not there for was not lost: keys from the pipe are due at TTL, not at every
 * cooldown. */
static void not_lost(void)
{
    new_site("BEARER_JWKS_COOLDOWN=0");
    cached(NOW, KIDS("k1"));
    unlink(cache_file());
    make_directory(record_file(), 0700);
    document("new", NOW, KIDS("k1"));
    script("pipe new\n");
    struct keycache *worker = new_worker();
    for (int i = 0; i < 50; i++) {
        (void)answer(worker, "k1", false, NOW);
    }
    expect(worker, "k1", false, NOW, BEARER_OK,
           "a record that cannot be opened: keys through the pipe");
    is_number(starts(), 1, "  fetched once within TTL");
    is_number(lines_with(""), 1, "  and one line");
    rmdir(record_file());
    document("new", NOW + TTL, KIDS("k1", "k2"));
    script("install new\nok\n");
    ok(EVENTUALLY(answer(worker, "k9", true, NOW + TTL) != BEARER_OK &&
                  last_attempt().outcome == ATTEMPT_SUCCEEDED),
       "  when it can, the cache is used again");
    expect(worker, "k2", false, NOW + TTL, BEARER_OK, "  with its keys");
}

static void moved_away(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "a directory in use");
    if (rename(in_site("cache"), in_site("gone")) != 0) {
        tempdir_bail("rename");
    }
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    expect(worker, "k1", false, NOW, BEARER_OK, "  is moved away: its keys stay");
    expect(worker, "k2", true, NOW, BEARER_OK, "  and new ones come to where the path leads");
    is_number(starts(), 1, "  by one refresh");
    expect(new_worker(), "k2", false, NOW, BEARER_OK, "  for all workers");
    is_string(said, "", "  nothing to log");
}

static bool cron_succeeds(void)
{
    static int once;
    if (once++ == 0) {
        cached(NOW, KIDS("k1"));
    }
    return false;
}

static void external(void)
{
    new_site("BEARER_REFRESH=external");
    struct keycache *worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "external: nothing has been fetched yet");
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
    is_number(lines_with("cron or a timer has to run \"bearerctl refresh\""), 1,
              "  one line says who has to");
    expect(worker, "k1", true, NOW, BEARER_NO_KEYS, "  once");
    is_number(lines_with(""), 1, "  and no other");
    cached(NOW, KIDS("k1"));
    expect(worker, "k1", false, NOW, BEARER_OK, "  when it has, there are keys");
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    expect(worker, "k2", true, NOW + 10 * TTL, BEARER_KID_UNKNOWN,
           "  kid unknown, the last one succeeded");
    expect(worker, "k1", true, NOW + 10 * TTL, BEARER_OK, "  due keys are used");
    expect(worker, "k1", true, NOW + MAX_STALE, BEARER_NO_KEYS, "  old ones are not");
    said[0] = '\0';
    attempted(NOW, ATTEMPT_FAILED, "no route");
    expect(worker, "k2", true, NOW + 10, BEARER_NO_KEYS, "  kid unknown, the last one failed");
    is_number(keycache_retry_after(worker), COOLDOWN - 10,
              "  Retry-After is what is left of the cooldown");
    expect(other, "k2", true, NOW + 10, BEARER_NO_KEYS, "  for all");
    is_number(lines_with("no route"), 1, "  logged once for all workers");
    int held = open_record();
    ok(attempt_lock(held, 0, NULL), "cron's refresh holds the lock:");
    expect(worker, "k1", true, NOW + TTL, BEARER_OK, "  known kids go on");
    expect(worker, "k2", true, NOW, BEARER_NO_KEYS, "  an unknown one waits for it");
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    close(held);
    is_number(starts(), 0, "nothing was ever started");
    new_site("BEARER_REFRESH=external");
    spoil_directory();
    worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "external, in a directory that will not do");
    is_number(lines_with("chmod go-w"), 1, "  one line says why");
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
    is_number(starts(), 0, "  and nothing is started");
    new_site("BEARER_REFRESH=external");
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    held = open_record();
    ok(attempt_lock(held, 0, NULL), "cron's first refresh:");
    on_wait = cron_succeeds;
    expect(new_worker(), "k1", false, NOW, BEARER_OK, "  is waited for");
    close(held);
    is_number(starts(), 0, "and nothing is started");
}

/* `setting` for new_site(), the caller's. */
static char *keys_file(void)
{
    char *setting = malloc(PATH_MAX);
    snprintf(setting, PATH_MAX, "BEARER_JWKS_URI=file://%s", at("keys.json"));
    return setting;
}

static void put_keys(const char *const *kids)
{
    char *jwks = jwks_with(key, kids);
    put(at("new.json"), jwks);
    free(jwks);
    if (rename(at("new.json"), at("keys.json")) != 0) {
        tempdir_bail("rename");
    }
}

static void from_a_file(void)
{
    put_keys(KIDS("k1"));
    char *setting = keys_file();
    new_site(setting);
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "file:// keys");
    const struct jwk *first = found;
    expect(worker, "k1", false, NOW + 10 * MAX_STALE, BEARER_OK, "  they do not grow old");
    ok(found == first, "  and are parsed once");
    expect(worker, "k2", true, NOW, BEARER_KID_UNKNOWN, "  nothing is fetched for an unknown kid");
    put_keys(KIDS("k1", "k2"));
    expect(worker, "k2", false, NOW, BEARER_OK, "  a change is noticed");
    is_string(said, "", "  nothing to log");
    for (int round = 1; round <= 2; round++) {
        put(at("keys.json"), "{\"keys\":");
        for (int i = 0; i < 5; i++) {
            (void)answer(worker, "k2", false, NOW);
        }
        expect(worker, "k2", false, NOW, BEARER_OK, "  damaged, the keys read before stay");
        is_number(lines_with("the keys read before stay in use\n"), round, "  one line says so");
        chmod(at("keys.json"), 0666);
        expect(worker, "k2", false, NOW, BEARER_OK, "  open to all it is not read either");
        unlink(at("keys.json"));
        expect(worker, "k2", false, NOW, BEARER_OK, "D4:  nor gone");
        expect(worker, "k2", false, NOW, BEARER_OK, "  for a while");
        is_number(lines_with("stay in use for ten seconds"), round, "  one line says so");
        is_number(lines_with(""), 2 * round, "  no other line");
        put_keys(KIDS("k3"));
        expect(worker, "k3", false, NOW, BEARER_OK, "  mended, it is used");
        expect(worker, "k2", false, NOW, BEARER_KID_UNKNOWN, "  alone");
        put_keys(KIDS("k2"));
        expect(worker, "k2", false, NOW, BEARER_OK, "  again");
    }
    unlink(at("keys.json"));
    struct keycache *late = new_worker();
    expect(late, "k1", true, NOW, BEARER_NO_KEYS, "a file that is gone before it was read");
    is_number(keycache_retry_after(late), 30, "  Retry-After: 30");
    put_keys(KIDS("k1"));
    expect(late, "k1", true, NOW, BEARER_OK, "  until it is back");
    is_number(starts(), 0, "nothing was ever started");
    ok(access(in_site("cache"), F_OK) != 0, "nor a cache directory made");
    free(setting);
}

int main(int argc, char **argv)
{
    if (is_bearerctl(argc, argv)) {
        _exit(play_bearerctl(argc, argv));
    }
    umask(022);
    keycache_test_begin();
    damaged();
    foreign();
    planted();
    through_the_pipe();
    hostile_pipe();
    plain_cgi();
    unwritable();
    not_lost();
    moved_away();
    external();
    from_a_file();
    return keycache_test_end();
}
