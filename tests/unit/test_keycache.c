/* SPDX-License-Identifier: MIT */
/* The table "The key cache" of doc/design.md, row by row. */
#include <malloc.h>
#include <sys/resource.h>

#include "keycache_test.h"
#include "keys/keycache_internal.h"

static unsigned waits; /* how often somebody was about to */

static bool waits_told(void)
{
    waits++;
    return true;
}

static void fresh(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "fresh keys");
    const struct jwk *first = found;
    expect(worker, "k1", false, NOW + TTL - 1, BEARER_OK, "until TTL");
    ok(found == first, "parsed once");
    expect(worker, "k1", true, NOW - 5, BEARER_OK, "fetched a moment after the request began");
    expect(worker, "other", false, NOW, BEARER_KID_UNKNOWN, "another kid");
    expect(worker, "k", false, NOW, BEARER_KID_UNKNOWN, "a beginning of it");
    expect(worker, "K1", false, NOW, BEARER_KID_UNKNOWN, "another case");
    expect(worker, NULL, true, NOW, BEARER_OK, "no kid, one key");
    cached(NOW, KIDS("k1", "k2"));
    expect(worker, "k2", false, NOW, BEARER_OK, "a new file is noticed");
    const struct key_query unfit = {
        .kid = "k1", .kid_length = 2, .alg = JWA_RS256, .may_fetch = true, .now = NOW};
    is_number(keycache_find(worker, &unfit, &found), BEARER_KEY_UNFIT,
              "a key for another algorithm is not fetched for");
    is_number(starts(), 0, "nothing was started");
    is_string(said, "", "nothing was logged");
}

/* Puts a document with the key "k1" into the cache, which a set without a usable key was seen
 * after. */
static void doubted(int64_t fetched)
{
    size_t length = 0;
    char *jwks = jwks_with(key, KIDS("k1"));
    struct json_object *json = js_parse(jwks, strlen(jwks), NULL);
    const struct cached marked = {.fetched = fetched, .whole = fetched, .doubted = true};
    char *text = cache_compose(CACHE_URI, &marked, json, &length);
    if (!install(in_site("cache"), text, length)) {
        tempdir_bail("install");
    }
    free(text);
    js_free(json);
    free(jwks);
}

/* A set without a usable key is a set. */
static void none_left(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "D4: keys");
    uint64_t version = keycache_version(worker);
    cached(NOW, KIDS(NULL));
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    expect(worker, "k1", true, NOW, BEARER_KID_UNKNOWN, "D4: withdrawn");
    ok(keycache_version(worker) != version, "  which whoever remembers tokens is told");
    expect(worker, NULL, true, NOW, BEARER_KID_MISSING, "  nor is a token without kid good");
    is_number(keycache_outlook(worker, NOW + COOLDOWN - 1), OUTLOOK_SETTLED,
              "  that is settled for a cooldown");
    is_number(starts(), 0, "  and nothing is fetched");
    expect(new_worker(), "k1", true, NOW, BEARER_KID_UNKNOWN, "  nor by a worker that begins");
    document("new", NOW + COOLDOWN, KIDS("k1"));
    script("install new\nok\n");
    expect(worker, "k1", true, NOW + COOLDOWN, BEARER_OK,
           "  after it keys are asked for, and waited for");
    is_number(starts(), 1, "  once");
    cached(NOW - MAX_STALE, KIDS(NULL));
    script("failed down\n");
    expect(new_worker(), "k1", true, NOW + 3 * COOLDOWN, BEARER_NO_KEYS,
           "D4: but not for ever: too old, it says nothing");

    new_site(NULL);
    doubted(NOW);
    script("");
    expect(new_worker(), "k1", false, NOW + 1, BEARER_OK, "D4: in doubt keys are used");
    ok(EVENTUALLY(starts() == 1), "  and due, young as they are");
}

/* What could be asked, before anything is spent on asking. */
static void outlook(void)
{
    static const struct {
        int64_t when;
        enum attempt_outcome outcome;
        enum key_outlook outlook;
        const char *name;
    } rows[] = {
        {0, ATTEMPT_NONE, OUTLOOK_OPEN, "no attempt yet"},
        {NOW - 10, ATTEMPT_SUCCEEDED, OUTLOOK_SETTLED, "within the cooldown after a success"},
        {NOW - COOLDOWN, ATTEMPT_SUCCEEDED, OUTLOOK_OPEN, "past it"},
        {NOW + 5, ATTEMPT_SUCCEEDED, OUTLOOK_SETTLED, "a stamp a moment later than the request"},
        {NOW + 100, ATTEMPT_SUCCEEDED, OUTLOOK_OPEN, "one of the future"},
        {NOW - 10, ATTEMPT_FAILED, OUTLOOK_UNCERTAIN, "within the cooldown after a failure"},
        {NOW - 10, ATTEMPT_RUNNING, OUTLOOK_UNCERTAIN, "one is under way"},
        {NOW - 10, ATTEMPT_UNSTORED, OUTLOOK_OPEN, "one that could not be stored: each for itself"},
    };
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "D10: keys");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        attempted(rows[i].when, rows[i].outcome, "");
        next_tick();
        is_number(keycache_outlook(worker, NOW), rows[i].outlook, "D10: %s", rows[i].name);
    }
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    cached(NOW, KIDS("k1", "k2"));
    next_tick();
    is_number(keycache_outlook(worker, NOW), OUTLOOK_UNCERTAIN,
              "D10: keys came since they were looked at");
    is_number(keycache_outlook(worker, NOW), OUTLOOK_SETTLED, "  and then they are known");
    (void)install(in_site("cache"), "{", 1);
    next_tick();
    is_number(keycache_outlook(worker, NOW), OUTLOOK_UNCERTAIN,
              "D10: the file is damaged: a success settles nothing");
    is_number(starts(), 0, "nothing was started in all that");
}

/* A token that newer keys may be good for: one refresh, and nobody waits for it. */
static void renewed(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("wait go\ninstall new\nok\n");
    struct keycache *worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "D6: keys");
    expect(other, "k1", false, NOW, BEARER_OK, "  of another worker too");
    on_wait = waits_told;
    waits = 0;
    for (int i = 0; i < 50; i++) {
        keycache_renew(worker, NOW);
        keycache_renew(other, NOW);
    }
    ok(EVENTUALLY(starts() == 1) && waits == 0, "D6: one refresh for all, and nobody waits");
    expect(other, "k2", true, NOW, BEARER_NO_KEYS,
           "D6: an unknown kid meanwhile, of another worker");
    is_number(waits, 0, "  nor does that wait");
    on_wait = NULL;
    put(in_site("go"), "");
    expect(worker, "k2", true, NOW, BEARER_OK, "D6: but of the worker that started it");
    keycache_renew(worker, NOW + COOLDOWN - 1);
    keycache_renew(other, NOW + COOLDOWN - 1);
    is_number(starts(), 1, "D6: within the cooldown no other is started");
    new_site("BEARER_REFRESH=external");
    worker = new_worker();
    cached(NOW, KIDS("k1"));
    keycache_renew(worker, NOW);
    is_number(starts(), 0, "D6: nor where cron has to");
}

/* Neither running nor a zombie; waits for none. */
static bool no_child(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1;
}

static void due(void)
{
    new_site(NULL);
    cached(NOW - TTL, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("wait go\ninstall new\nok\n");
    struct keycache *one = new_worker();
    struct keycache *two = new_worker();
    expect(one, "k1", false, NOW, BEARER_OK, "due keys are used");
    ok(EVENTUALLY(starts() == 1), "and one refresh is started");
    for (int i = 0; i < 50; i++) {
        (void)answer(one, "k1", false, NOW + i % 2);
        (void)answer(two, "k1", false, NOW + i % 2);
    }
    expect(two, "k1", false, NOW, BEARER_OK, "while it is under way nobody waits");
    is_number(starts(), 1, "and nobody starts another");
    put(in_site("go"), "");
    ok(EVENTUALLY(answer(one, "k2", false, NOW) == BEARER_OK),
       "its keys are used when they are there");
    expect(two, "k2", false, NOW, BEARER_OK, "by the other worker too");
    ok(EVENTUALLY(answer(one, "k2", false, NOW) == BEARER_OK && no_child()), "no zombie stays");
    is_number(starts(), 1, "all that with one refresh");
    is_string(said, "", "nothing was logged");
}

/* "Not modified" is believed only where no token can have come, to whichever worker, that newer keys are good for. */
static void whole_or_changed(void)
{
    static const struct {
        int64_t attempted;
        bool refused;
        const char *asked, *name;
    } rows[] = {
        {0, false, "c", "due, and no refresh before: what has changed"},
        {NOW - 2 * COOLDOWN, false, "c", "due, long after the last one: what has changed"},
        {NOW - 2 * COOLDOWN + 1, false, "x",
         "due so soon that a token may have come to another worker in the cooldown: all"},
        {0, true, "x", "due, and a token came here that newer keys may be good for: all"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = 0;
        new_site(NULL);
        cached(NOW - TTL, KIDS("k1"));
        script("ok\n");
        if (rows[i].attempted != 0) {
            attempted(rows[i].attempted, ATTEMPT_SUCCEEDED, "");
        }
        struct keycache *worker = new_worker();
        if (rows[i].refused) {
            (void)keycache_outlook(worker, NOW);
        }
        (void)answer(worker, "k1", false, NOW);
        ok(EVENTUALLY(starts() == 1), "one refresh is started");
        char *asked = content_of(in_site("count"), &length);
        is_string(asked, rows[i].asked, "%s", rows[i].name);
        free(asked);
        ok(EVENTUALLY(answer(worker, "k1", false, NOW) == BEARER_OK && no_child()), "  and ends");
    }
}

static void due_and_failing(void)
{
    new_site(NULL);
    cached(NOW - TTL, KIDS("k1"));
    script("failed https://x/: the server answered 500\n");
    struct keycache *one = new_worker();
    struct keycache *two = new_worker();
    expect(one, "k1", false, NOW, BEARER_OK, "due keys are used");
    ok(EVENTUALLY(last_attempt().outcome == ATTEMPT_FAILED), "the refresh fails");
    ok(EVENTUALLY(answer(one, "k1", false, NOW + 1) == BEARER_OK && lines_with("500") == 1),
       "which is logged");
    for (int i = 0; i < 50; i++) {
        (void)answer(one, "k1", false, NOW + i % COOLDOWN);
        (void)answer(two, "k1", false, NOW + i % COOLDOWN);
    }
    is_number(starts(), 1, "within the cooldown it is not tried again");
    is_number(lines_with(""), 1, "nor logged again, whichever worker looks");
    expect(new_worker(), "k1", false, NOW + COOLDOWN, BEARER_OK, "then it is");
    ok(EVENTUALLY(starts() == 2), "by another worker");
}

/* No keys, or older than MAX_STALE: `before` puts it so. */
static void none_or_old(bool old)
{
    const char *const what = old ? "old keys" : "no keys";
    new_site(NULL);
    if (old) {
        cached(NOW - MAX_STALE, KIDS("k1"));
    }
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    struct keycache *worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "%s, got the lock: the request waits", what);
    expect(worker, "k2", false, NOW, BEARER_OK, "  all keys of the new set");
    is_number(starts(), 1, "  one refresh");

    new_site(NULL);
    if (old) {
        cached(NOW - MAX_STALE, KIDS("k1"));
    }
    script("failed https://x/: refused\n");
    worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS, "%s, the refresh fails", what);
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
    expect(other, "k1", true, NOW + 10, BEARER_NO_KEYS, "%s, within the cooldown after a failure",
           what);
    is_number(keycache_retry_after(other), COOLDOWN - 10, "  Retry-After is what is left");
    expect(worker, NULL, false, NOW + 10, BEARER_NO_KEYS, "%s, no kid either", what);
    is_number(starts(), 1, "  nothing else is started");
    is_number(lines_with("the signing keys could not be refreshed: https://x/: refused"), 1,
              "  it is logged once");
    script("install good\nok\n");
    document("good", NOW + COOLDOWN, KIDS("k1"));
    expect(other, "k1", false, NOW + COOLDOWN, BEARER_OK, "%s, after the cooldown", what);
    is_number(lines_with(""), 1, "  and that was all there was to say");
}

static int held = -1;

/* Whoever refreshes succeeds while somebody waits. */
static bool others_succeed(void)
{
    if (held >= 0) {
        cached(NOW, KIDS("k1", "k2"));
        write_record(held, NOW, ATTEMPT_SUCCEEDED, "");
        close(held);
        held = -1;
    }
    return false;
}

static bool others_fail(void)
{
    if (held >= 0) {
        write_record(held, NOW, ATTEMPT_FAILED, "of others");
        close(held);
        held = -1;
    }
    return false;
}

static bool stop_now(void)
{
    return true;
}

/* Somebody holds the lock; the attempt was stamped then. */
static void others_refresh(int64_t when, bool (*waiting)(void))
{
    held = open_record();
    write_record(held, when, ATTEMPT_RUNNING, "");
    if (!attempt_lock(held, 0, NULL)) {
        tempdir_bail("attempt_lock");
    }
    on_wait = waiting;
}

static void lock_is_held(void)
{
    new_site(NULL);
    struct keycache *worker = new_worker();
    others_refresh(NOW, others_succeed);
    expect(worker, "k1", false, NOW, BEARER_OK,
           "no keys, the lock is held: waits for those of others");
    cached(NOW - MAX_STALE, KIDS("k1"));
    others_refresh(NOW, others_fail);
    expect(worker, "k3", true, NOW + 10, BEARER_NO_KEYS,
           "no keys, the lock is held, and they fail");
    is_number(keycache_retry_after(worker), COOLDOWN - 10,
              "  Retry-After is what is left of the cooldown");
    is_number(lines_with("of others"), 1, "  logged once");
    others_refresh(NOW, NULL);
    int64_t begin = milliseconds();
    expect(worker, "k1", true, NOW, BEARER_NO_KEYS,
           "no keys, the lock is held, and they do not end");
    int64_t waited = milliseconds() - begin;
    ok(waited >= 1000 && waited < 4000, "  waits 1 s (%lld ms)", (long long)waited);
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    cached(NOW, KIDS("k1"));
    on_wait = waits_told;
    waits = 0;
    expect(worker, "k3", true, NOW, BEARER_NO_KEYS,
           "D6: kid unknown, the lock is held: nobody waits");
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    expect(new_worker(), "k1", false, NOW, BEARER_OK, "known keys are not waited for");
    is_number(waits, 0, "  not for a moment");
    on_wait = stop_now;
    cached(NOW - MAX_STALE, KIDS("k1"));
    begin = milliseconds();
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS,
           "no keys, the lock is held, the process is to stop");
    ok(milliseconds() - begin < 900, "  which ends the wait");
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    close(held);
    is_number(starts(), 0, "nothing was started in all that");

    new_site("BEARER_JWKS_COOLDOWN=0");
    worker = new_worker();
    others_refresh(NOW, others_succeed);
    expect(worker, "k1", true, NOW, BEARER_OK,
           "without a cooldown too, others' refresh is waited for");
    is_number(starts(), 0, "  and is enough");
}

/* Where a worker serves other issuers, too, nobody waits for what another worker fetches: strangers
 * could have the tokens of those wait. */
static void lock_is_held_among_several(void)
{
    shared = true;
    new_site(NULL);
    struct keycache *worker = new_worker();
    others_refresh(NOW, waits_told);
    waits = 0;
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS,
           "several issuers: no keys, the lock is held: nobody waits");
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    expect(worker, "k1", true, NOW, BEARER_NO_KEYS, "  nor for an unknown kid");
    is_number(waits, 0, "  not for a moment");
    close(held);
    document("new", NOW, KIDS("k1"));
    script("install new\nok\n");
    on_wait = NULL;
    expect(worker, "k1", false, NOW + 100, BEARER_OK, "who starts the refresh itself has the keys");
    shared = false;
}

/* Other workers look at the record under its lock; a flood of unknown kids has them do so all the
 * time. */
static void lock_is_held_to_look(void)
{
    new_site(NULL);
    struct keycache *worker = new_worker();
    cached(NOW, KIDS("k1"));
    attempted(NOW, ATTEMPT_FAILED, "told");
    expect(worker, "k3", true, NOW, BEARER_NO_KEYS, "a failure is logged, under the lock");
    is_number(lines_with("told"), 1, "  once");
    int looking = open_record();
    if (!attempt_lock(looking, 0, NULL)) {
        tempdir_bail("attempt_lock");
    }
    on_wait = stop_now; /* who waits gets "busy" */
    expect(worker, "k3", true, NOW + 10, BEARER_NO_KEYS,
           "within the cooldown after it nobody waits to look");
    is_number(keycache_retry_after(worker), COOLDOWN - 10, "  Retry-After is what is left of it");
    write_record(looking, NOW, ATTEMPT_SUCCEEDED, "");
    expect(worker, "k3", true, NOW + 10, BEARER_KID_UNKNOWN, "nor within that after a success");
    is_number(keycache_retry_after(worker), COOLDOWN - 10, "  nor is what is left of that another");
    close(looking);
    is_number(starts(), 0, "nothing was started in all that");
}

static bool others_give_up(void)
{
    close(held);
    on_wait = NULL;
    return false;
}

/* The lock is free again, but what was under way began before the request that waited for it. */
static void waited_in_vain(void)
{
    new_site("BEARER_JWKS_COOLDOWN=0");
    struct keycache *worker = new_worker();
    others_refresh(NOW - 10, others_give_up);
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    expect(worker, "k2", true, NOW, BEARER_OK, "an attempt of before this request is none for it");
    is_number(starts(), 1, "  and another one is made");
}

static void kid_unknown(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1", "k2"));
    document("new", NOW, KIDS("k1", "k3"));
    script("install new\nok\n");
    struct keycache *worker = new_worker();
    expect(worker, "k3", false, NOW, BEARER_KID_UNKNOWN, "kid unknown, the claims do not fit");
    const struct key_query none = {.alg = JWA_ES384, .may_fetch = true, .now = NOW};
    is_number(keycache_find(worker, &none, &found), BEARER_KID_MISSING,
              "no kid, and not exactly one key");
    is_number(starts(), 0, "nothing is fetched for those");
    expect(worker, "k3", true, NOW, BEARER_OK,
           "kid unknown, they fit: fetched, then known (case 132)");
    expect(worker, "k2", true, NOW, BEARER_KID_UNKNOWN, "a key that was removed (case 131)");
    is_number(starts(), 1, "one refresh");

    new_site(NULL);
    cached(NOW, KIDS("k1"));
    cached(NOW - TTL + 1, KIDS("k1"));
    document("new", NOW, KIDS("k1"));
    script("install new\nok\n");
    worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "evil", true, NOW, BEARER_KID_UNKNOWN, "fetched and still unknown (case 61)");
    expect(worker, "evil2", true, NOW + COOLDOWN - 1, BEARER_KID_UNKNOWN,
           "within the cooldown after a success");
    expect(other, "evil2", true, NOW + COOLDOWN - 1, BEARER_KID_UNKNOWN, "the other worker too");
    expect(other, "evil3", true, NOW - 9, BEARER_KID_UNKNOWN,
           "also a request that began a moment before the stamp");
    is_number(starts(), 1, "one refresh within the cooldown");
    expect(other, "evil4", true, NOW + COOLDOWN, BEARER_KID_UNKNOWN, "after it");
    is_number(starts(), 2, "another one");
    is_string(said, "", "strangers' kids are not logged here");
}

static void kid_unknown_and_failing(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    script("failed https://x/: no route\n");
    struct keycache *worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "k2", true, NOW, BEARER_NO_KEYS, "kid unknown, the refresh fails (case 134)");
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
    expect(worker, "k1", true, NOW, BEARER_OK, "a known one goes on (case 133)");
    expect(other, "k2", true, NOW + 29, BEARER_NO_KEYS, "within the cooldown after a failure");
    is_number(keycache_retry_after(other), 1, "  Retry-After is what is left");
    expect(other, "k1", false, NOW + MAX_STALE - 1, BEARER_OK, "until MAX_STALE");
    expect(other, "k1", false, NOW + MAX_STALE, BEARER_NO_KEYS, "and no longer");
    is_number(lines_with("no route"), 2, "two failures, each logged once");
    is_number(lines_with(""), 2, "and nothing else");
}

/* A child that ends without a word: killed, for one. */
static void killed(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(NOW - 5, ATTEMPT_RUNNING, "");
    struct keycache *worker = new_worker();
    struct keycache *other = new_worker();
    expect(worker, "k2", true, NOW, BEARER_NO_KEYS,
           "an attempt that nobody ended counts as a failure");
    is_number(keycache_retry_after(worker), COOLDOWN - 5, "  Retry-After is what is left");
    expect(other, "k2", true, NOW, BEARER_NO_KEYS, "for all");
    is_number(starts(), 0, "and as an attempt");
    is_number(lines_with("the refresh ended without saying how"), 1, "it is logged once");
    ok(last_attempt().outcome == ATTEMPT_FAILED && last_attempt().logged, "and recorded");
    script("");
    expect(other, "k2", true, NOW + COOLDOWN, BEARER_NO_KEYS, "a child that ends without a word");
    is_number(lines_with("the refresh ended without saying how"), 2, "is logged so too");
}

static void cannot_start(void)
{
    static const char *const programs[] = {NULL, "/nonexistent/bearerctl"};
    for (size_t i = 0; i < 2; i++) {
        new_site(NULL);
        cached(NOW, KIDS("k1"));
        struct keycache *worker = worker_of(programs[i], true);
        expect(worker, "k2", true, NOW, BEARER_NO_KEYS, "a refresh that cannot be started");
        is_number(keycache_retry_after(worker), COOLDOWN, "  is an attempt");
        expect(worker_of(programs[i], true), "k2", true, NOW + 1, BEARER_NO_KEYS,
               "  for all workers");
        expect(worker, "k1", true, NOW + 1, BEARER_OK, "  known kids go on");
        has(last_attempt().reason, "  the record says why", "bearerctl", NULL);
        is_number(lines_with("bearerctl"), 1, "  and one line");
        is_number(lines_with(""), 1, "  and no other");
    }
}

/* What cannot be stamped is not fetched. */
static void cannot_stamp(void)
{
    struct rlimit before;
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(0, ATTEMPT_NONE, "");
    script("ok\n");
    struct keycache *worker = new_worker();
    getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit small = {.rlim_cur = 100, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    enum bearer_code code = answer(worker, "k2", true, NOW);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    is_number(code, BEARER_NO_KEYS, "an attempt that cannot be stamped");
    is_number(starts(), 0, "  is not made");
    is_number(lines_with("cannot be recorded"), 1, "  and that is logged");
    is_number(keycache_retry_after(worker), COOLDOWN, "  Retry-After is the cooldown");
}

static void clocks(void)
{
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    attempted(NOW + 3600, ATTEMPT_FAILED, "tomorrow");
    struct keycache *worker = new_worker();
    expect(worker, "k2", true, NOW, BEARER_OK, "an attempt in the future counts as long past");
    is_number(last_attempt().when, NOW, "  and is stamped anew");
    is_number(starts(), 1, "  one refresh");

    attempted(0, ATTEMPT_NONE, "");
    expect(worker, "k3", true, NOW + 1, BEARER_NO_KEYS,
           "the record is lost: the worker keeps its own cooldown");
    expect(worker, "k3", true, NOW - 7200, BEARER_NO_KEYS,
           "  and so it does when the clock goes back");
    ok(keycache_retry_after(worker) > COOLDOWN - 15, "  Retry-After is what is left of it");
    expect(worker, "k3", true, NOW + 7200, BEARER_NO_KEYS, "  or far ahead");
    is_number(starts(), 1, "  and starts nothing");
    expect(new_worker(), "k3", true, NOW + 1, BEARER_KID_UNKNOWN, "another worker does");
    is_number(starts(), 2, "  once");

    new_site(NULL);
    cached(NOW + 3600, KIDS("k1"));
    document("new", NOW, KIDS("k1", "k2"));
    script("install new\nok\n");
    worker = new_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "keys fetched in the future are used");
    ok(EVENTUALLY(answer(worker, "k2", false, NOW) == BEARER_OK), "  and due");
    is_number(starts(), 1, "  once");

    new_site(NULL);
    cached(NOW + MAX_STALE + 1, KIDS("k1"));
    script("ok\n");
    expect(new_worker(), "k1", false, NOW, BEARER_NO_KEYS, "too far in the future they are not");
}

/* Case 68. */
static void many_kids(void)
{
    char kid[32];
    size_t unknown = 0;
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    script("ok\n");
    struct keycache *worker = new_worker();
    (void)answer(worker, "first", true, NOW);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 10000; i++) {
        snprintf(kid, sizeof kid, "kid-%d", i);
        unknown += answer(worker, kid, true, NOW + i % COOLDOWN) == BEARER_KID_UNKNOWN ? 1 : 0;
    }
    is_number(unknown, 10000, "10,000 distinct kids");
    is_number(starts(), 1, "  one refresh");
    size_t after = mallinfo2().uordblks;
    ok(after <= before + 4096, "  no memory is kept for them (%zu, then %zu bytes)", before, after);
    is_string(said, "", "  and no line written");
}

/* The file is looked at once in a tick of the clock, but again for a kid that is not known.
 * `removed`, `added`: what a worker says of a key that was taken out of the file in a tick in which
 * it had looked already, and of one that came in. False: the tick ended meanwhile. */
static bool in_one_tick(enum bearer_code *removed, enum bearer_code *added)
{
    cached(NOW, KIDS("k1"));
    struct keycache *worker = new_worker();
    (void)answer(worker, "k1", false, NOW);
    cached(NOW, KIDS("k2"));
    next_tick();
    const int64_t tick = worker->looked_at = monotonic_tick();
    *removed = answer(worker, "k1", false, NOW);
    *added = answer(worker, "k2", false, NOW);
    return monotonic_tick() == tick;
}

static void just_looked(void)
{
    enum bearer_code removed = BEARER_DENIED;
    enum bearer_code added = BEARER_DENIED;
    bool good = false;
    for (int64_t end = milliseconds() + DEADLINE_MS; !good && milliseconds() < end;) {
        new_site(NULL);
        good = in_one_tick(&removed, &added);
    }
    is_number(removed, BEARER_OK, "a worker that has just looked at its file does not look again");
    is_number(added, BEARER_OK, "  but for a kid that it does not know");
}

/* The child of an earlier request is still at it. */
static void still_running(void)
{
    new_site(NULL);
    cached(NOW - MAX_STALE, KIDS("k1"));
    document("new", NOW, KIDS("k1"));
    script("wait go\ninstall new\nok\n");
    struct keycache *worker = new_worker();
    on_wait = stop_now;
    expect(worker, "k1", false, NOW, BEARER_NO_KEYS,
           "the process is to stop: the wait for the child ends");
    is_number(keycache_retry_after(worker), 1, "  Retry-After: 1");
    expect(worker, "k1", false, NOW + COOLDOWN, BEARER_NO_KEYS, "it still runs, past the cooldown");
    on_wait = NULL;
    ok(EVENTUALLY(starts() == 1), "no other is started");
    put(in_site("go"), "");
    expect(worker, "k1", false, NOW + COOLDOWN, BEARER_OK, "a later request waits for it");
    is_number(starts(), 1, "and it was the only one");
}

int main(int argc, char **argv)
{
    if (is_bearerctl(argc, argv)) {
        _exit(play_bearerctl(argc, argv));
    }
    keycache_test_begin();
    fresh();
    none_left();
    outlook();
    renewed();
    just_looked();
    due();
    whole_or_changed();
    due_and_failing();
    none_or_old(false);
    none_or_old(true);
    lock_is_held();
    lock_is_held_among_several();
    lock_is_held_to_look();
    waited_in_vain();
    kid_unknown();
    kid_unknown_and_failing();
    killed();
    cannot_start();
    cannot_stamp();
    clocks();
    many_kids();
    still_running();
    return keycache_test_end();
}
