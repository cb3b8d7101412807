/* What must hold of keys whatever happens, in whatever order: random sequences of an issuer that publishes, withdraws and replaces keys, is down, or says nonsense, of clocks
 * that are set, of workers that come and go and share one cache, and of tokens, good and forged. Held against a model that knows nothing of files, locks and records:
 *
 * - a key that is absent from the last document that counts is never accepted after the refresh that made it count;
 * - a token that is good under the newest document is accepted at the latest after one cooldown.
 *
 * Everything is one process: the refresh is renewal_run() with a fetch of the model's, and the monotonic clock is the test's. The seeds are the same in every run, so that it never fails by
 * chance; FB_SEED is another first one, and FB_RUNS more of them: FB_SEED=$RANDOM FB_RUNS=1000 tests/unit/test_keycache_property. */
#include "keycache_test.h"
#include "keys/keycache_internal.h"

#include "json/json.h"
#include "keys/renewal.h"
#include "token/verifier.h"

#define RUNS     16
#define STEPS    800
#define WORKERS  3
#define KIDS_MAX 2 /* and tokens without kid */
#define MADE     4 /* pairs of keys; the last one is a stranger's, who is no issuer here */
#define NONE     (-1)
#define SLACK    10 /* seconds by which another's stamp may lie ahead: the clock was not set back then */

/* --- chance */

static uint64_t chance;

static unsigned below(unsigned n)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (unsigned)(chance >> 32) % n;
}

/* --- clocks */

static int64_t now;                          /* the wall's */
static int64_t monotonic = INT64_C(1000000); /* milliseconds */

/* It is asked for by who waits. */
int64_t monotonic_ms(void)
{
    return monotonic += 300;
}

int64_t monotonic_seconds(void)
{
    return monotonic / 1000;
}

int64_t monotonic_tick(void)
{
    return monotonic * 1000000;
}

/* --- the issuer */

enum answer { GOOD, MALFORMED, DOWN, ANSWER__MAX };

/* Which pair of keys is published under each kid, and under none; NONE: none is. */
struct published {
    int made[KIDS_MAX + 1];
};

static struct {
    struct published document;
    enum answer answer;
    bool liar;        /* says "not modified" whatever has changed */
    unsigned version; /* of the document, which is its ETag where the issuer is honest */
    const char *odd;  /* what it says instead of keys, or of well-formed JSON */
} issuer;

static struct test_key *made[MADE];
static const char *const names[KIDS_MAX + 1] = {"a", "b", NULL};

static bool publishes_any(const struct published *document)
{
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE) {
            return true;
        }
    }
    return false;
}

/* The text of what it publishes, the caller's. */
static char *text_of(const struct published *document)
{
    static const char *const empty[] = {"{\"keys\":[]}",
                                        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AA\"}]}"};
    char *jwks[KIDS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE) {
            struct test_key *named = test_key_again(made[document->made[i]], names[i]);
            jwks[count++] = test_key_jwk(named);
            test_key_free(named);
        }
    }
    return count > 0 ? test_jwks(jwks, count) : strdup(empty[issuer.version % 2]);
}

/* --- the model */

static struct {
    bool any;                /* a document has counted */
    struct published counts; /* the last one that did */
    struct published before; /* the one before the request that is under way */
    int64_t fetched;         /* when that was confirmed last */
    bool seen;               /* without a key, not believed yet: */
    int64_t seen_at;
    unsigned seen_version;
    int64_t whole;   /* when a whole document counted last */
    int64_t stamped; /* when the last refresh was started */
    unsigned fetches, conditional;
    char flaw[200]; /* what a refresh did wrong */
} model;

/* By a refresh that was started at `started`. */
static void model_takes(bool by_hand, int64_t started)
{
    int64_t when = started < now ? started : now;
    bool any = publishes_any(&issuer.document);
    bool again = model.seen && model.seen_version == issuer.version % 2 && when >= model.seen_at;
    bool at_once = any || by_hand || (model.any && !publishes_any(&model.counts));
    if (!at_once && !(again && when - model.seen_at >= COOLDOWN)) {
        model.seen_at = again ? model.seen_at : when;
        model.seen_version = issuer.version % 2; /* there are two texts without a key */
        model.seen = true;
        return;
    }
    model.seen = !at_once;
    model.any = true;
    model.counts = issuer.document;
    model.fetched = model.whole = now;
}

/* --- a refresh */

struct fetched {
    char *text;
    struct json_object *jwks;
    char etag[32];
    bool by_hand;
    int64_t started;
};

static enum renewal_result fetch_keys(void *context, const struct cached *old,
                                      struct renewal_document *document, struct diag *diag)
{
    struct fetched *fetched = context;
    model.fetches++;
    model.stamped = fetched->started;
    if (issuer.answer == DOWN) {
        diag_set(diag, "down");
        return RENEWAL_FAILED;
    }
    *document = (struct renewal_document){.fetched = now, .jwks_uri = CACHE_URI, .etag = fetched->etag};
    snprintf(fetched->etag, sizeof fetched->etag, "\"%u\"", issuer.liar ? 0 : issuer.version);
    if (old != NULL) {
        model.conditional++;
        if (now - model.whole < 0 || now - model.whole >= RENEWAL_304_SECONDS || model.seen) {
            snprintf(model.flaw, sizeof model.flaw,
                     "asked by validators %lld s after the last whole document%s",
                     (long long)(now - model.whole), model.seen ? ", in doubt" : "");
        }
    }
    if (old != NULL && old->etag != NULL && strcmp(old->etag, fetched->etag) == 0) {
        model.fetched = now;
        return RENEWAL_NOT_MODIFIED;
    }
    fetched->text = issuer.answer == MALFORMED ? strdup(issuer.odd) : text_of(&issuer.document);
    fetched->jwks = js_parse(fetched->text, strlen(fetched->text), NULL);
    document->jwks = fetched->jwks;
    document->sum = cache_crc(fetched->text, strlen(fetched->text));
    if (issuer.answer == GOOD) {
        model_takes(fetched->by_hand, fetched->started);
    }
    return fetched->jwks != NULL ? RENEWAL_DOCUMENT : RENEWAL_FAILED;
}

/* With the lock on the record. */
static void refresh(int record, int64_t started, bool if_changed, bool by_hand)
{
    struct fetched fetched = {.by_hand = by_hand, .started = started};
    struct diag diag = {""};
    size_t count = 0;
    bool recorded = false;
    struct renewal renewal = {.config = site.config,
                              .uri = CACHE_URI,
                              .dir = cache_dir_open(in_site("cache"), (uid_t)-1, &diag),
                              .record = record,
                              .result = -1,
                              .at_once = by_hand,
                              .if_changed = if_changed,
                              .fetch = fetch_keys,
                              .context = &fetched};
    cache_names(CACHE_URI, &renewal.names);
    (void)renewal_run(&renewal, now, &count, &recorded, &diag);
    close(renewal.dir);
    js_free(fetched.jwks);
    free(fetched.text);
}

/* One that a worker has started and that has not ended: it holds the lock. */
static struct {
    int lock;
    int64_t started;
    bool if_changed;
    pid_t pid;
} running = {.lock = -1};

static void end_refresh(void)
{
    if (running.lock >= 0) {
        refresh(running.lock, running.started, running.if_changed, false);
        close(running.lock);
        running.lock = -1;
    }
}

/* In the place of those that start a program. */
bool refresher_start(const char *path, char *const *environment, int lock, bool if_changed,
                     struct refresher *child, struct diag *diag)
{
    (void)path;
    (void)environment;
    (void)diag;
    if (running.lock >= 0) {
        tempdir_bail("two refreshes at once");
    }
    running.lock = fcntl(lock, F_DUPFD_CLOEXEC, 0);
    running.started = now;
    running.if_changed = if_changed;
    running.pid++;
    *child = (struct refresher){.pid = running.pid, .result = -1};
    if (below(2) == 0) {
        end_refresh();
    }
    return true;
}

bool refresher_wait(struct refresher *child, int wait_ms, bool (*stop)(void))
{
    (void)stop;
    if (child->pid == running.pid && running.lock >= 0 && wait_ms > 0) {
        monotonic += 20;
        end_refresh();
    }
    if (child->pid == running.pid && running.lock >= 0) {
        return false;
    }
    child->pid = 0;
    return true;
}

void refresher_clear(struct refresher *child)
{
    *child = (struct refresher){.result = -1};
}

/* --- workers and tokens */

static struct {
    struct keycache *keys;
    struct verifier *verifier;
} workers[WORKERS];

static char *tokens[KIDS_MAX + 1][MADE];

/* Asked by who waits for another's refresh. */
static bool end_or_not(void)
{
    if (below(2) == 0) {
        end_refresh();
    }
    return false;
}

static void start_worker(size_t i)
{
    const struct keycache_options options = {.may_keep = true, .stopping = end_or_not, .log = &log_to};
    verifier_free(workers[i].verifier);
    keycache_free(workers[i].keys);
    workers[i].keys = keycache_new(site.config, &options);
    workers[i].verifier = verifier_new(site.config, workers[i].keys);
    if (workers[i].verifier == NULL) {
        tempdir_bail("verifier_new");
    }
}

static void make_tokens(void)
{
    static const char claims[] =
        "{\"iss\":\"https://issuer.example.test/\",\"aud\":\"api\",\"exp\":9000000000}";
    for (size_t kid = 0; kid <= KIDS_MAX; kid++) {
        for (size_t i = 0; i < MADE; i++) {
            char header[64];
            snprintf(header, sizeof header,
                     names[kid] != NULL ? "{\"alg\":\"ES256\",\"kid\":\"%s\"}" : "{\"alg\":\"ES256\"}",
                     names[kid]);
            tokens[kid][i] = test_key_sign(made[i], JWA_ES256, header, claims);
        }
    }
}

/* Whether a token with this kid by this pair is good under the document: without kid only if all its keys are the same. */
static bool good_under(const struct published *document, size_t kid, int by)
{
    if (names[kid] != NULL) {
        return document->made[kid] == by;
    }
    bool some = false;
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE && document->made[i] != by) {
            return false;
        }
        some |= document->made[i] == by;
    }
    return some;
}

/* --- what happens */

static const char *did;
static char flaw[400];
static unsigned accepted, alive;
static int64_t set_back; /* by how much, at most, the last stamp may lie ahead */

static enum bearer_code ask_worker(size_t worker, size_t kid, int by)
{
    struct token *token = NULL;
    const char *text = tokens[kid][by];
    monotonic += 20; /* another tick of the clock */
    model.before = model.counts;
    bool had_any = model.any;
    enum bearer_code code = verifier_check(workers[worker].verifier, text, strlen(text), now, &token);
    bool may =
        (had_any && good_under(&model.before, kid, by)) || (model.any && good_under(&model.counts, kid, by));
    if (code == BEARER_OK && !may) {
        snprintf(flaw, sizeof flaw, "worker %zu accepted kid %s by pair %d", worker,
                 names[kid] != NULL ? names[kid] : "none", by);
    }
    if (code == BEARER_OK &&
        (now - model.fetched >= MAX_STALE + SLACK || model.fetched - now >= MAX_STALE + SLACK)) {
        snprintf(flaw, sizeof flaw, "accepted by keys of %lld s ago", (long long)(now - model.fetched));
    }
    accepted += code == BEARER_OK ? 1 : 0;
    return code;
}

static void pass_time(int64_t seconds)
{
    now += seconds;
    monotonic += seconds * 1000;
}

/* A token of the newest document is shown again after a cooldown: it starts the refresh if it has to, and the next one is good; also if another worker has just had the keys
 * refreshed for their age. */
static void must_live(void)
{
    size_t worker = below(WORKERS);
    size_t kid = below(KIDS_MAX + 1);
    int by = (int)below(MADE - 1);
    if (issuer.answer != GOOD || !good_under(&issuer.document, kid, by)) {
        return;
    }
    did = "a good token, a cooldown, and the token again";
    end_refresh();
    if (ask_worker(worker, kid, by) == BEARER_OK) {
        return;
    }
    end_refresh();
    pass_time(COOLDOWN + set_back);
    (void)ask_worker(below(WORKERS), below(KIDS_MAX + 1), (int)below(MADE));
    end_refresh();
    (void)ask_worker(worker, kid, by);
    end_refresh();
    enum bearer_code code = ask_worker(worker, kid, by);
    alive++;
    if (code != BEARER_OK) {
        snprintf(flaw, sizeof flaw, "worker %zu, kid %s by pair %d: %s after a cooldown", worker,
                 names[kid] != NULL ? names[kid] : "none", by, bearer_outcome(code)->reason);
    }
}

static void by_hand(void)
{
    end_refresh();
    int record = open_record();
    struct attempt attempt;
    attempt_read(record, &attempt);
    attempt = (struct attempt){.when = now, .seen = attempt.seen, .outcome = ATTEMPT_RUNNING};
    if (!attempt_lock(record, 0, NULL) || !attempt_write(record, &attempt)) {
        tempdir_bail("the record");
    }
    refresh(record, now, false, true);
    close(record);
}

/* Another document. */
static void publish(void)
{
    int *place = &issuer.document.made[below(KIDS_MAX + 1)];
    switch (below(5)) {
    case 0:
    case 1:
        *place = (int)below(MADE - 1);
        break;
    case 2:
        *place = NONE;
        break;
    case 3:
        issuer.document = (struct published){{NONE, NONE, NONE}};
        break;
    default:
        issuer.document = (struct published){{NONE, NONE, NONE}};
        issuer.document.made[below(KIDS_MAX + 1)] = (int)below(MADE - 1);
        break;
    }
    issuer.version++;
}

static void change_answer(void)
{
    static const char *const odd[] = {"{}",     "{\"keys\":\"none\"}",       "{\"keys\":{}}",
                                      "<html>", "{\"keys\":[],\"keys\":[]}", ""};
    issuer.answer = below(3) > 0 ? GOOD : (enum answer)below(ANSWER__MAX);
    issuer.odd = odd[below(6)];
    issuer.liar = below(3) == 0;
}

static void set_clock(void)
{
    static const int64_t steps[] = {-7200, -100, -5, 100, 7200, 100000};
    int64_t step = steps[below(6)];
    now += step;
    set_back = step < 0 ? SLACK : set_back;
}

static void step(void)
{
    static const struct {
        unsigned weight;
        void (*act)(void);
        const char *name;
    } acts[] = {{12, publish, "publish"},          {6, change_answer, "another answer"},
                {2, by_hand, "refresh by hand"},   {2, set_clock, "set the clock"},
                {6, end_refresh, "end a refresh"}, {10, must_live, "live"}};
    unsigned n = below(100);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (n < acts[i].weight) {
            did = acts[i].name;
            acts[i].act();
            return;
        }
        n -= acts[i].weight;
    }
    if (n < 12) {
        static const int64_t times[] = {1, 5, COOLDOWN, COOLDOWN, 60, TTL, 2000, 4000};
        did = "time passes";
        pass_time(times[below(8)]);
    } else if (n < 15) {
        did = "a worker begins anew";
        start_worker(below(WORKERS));
    } else {
        did = "ask";
        (void)ask_worker(below(WORKERS), below(KIDS_MAX + 1), (int)below(MADE));
    }
}

static bool run(uint64_t seed)
{
    chance = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    new_site(NULL);
    memset(&model, 0, sizeof model);
    issuer = (__typeof__(issuer)){.document = {{0, NONE, NONE}}, .odd = "{}"};
    now = NOW;
    set_back = 0;
    flaw[0] = '\0';
    for (size_t i = 0; i < WORKERS; i++) {
        start_worker(i);
    }
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned before = model.fetches;
        step();
        said[0] = '\0';
        set_back = model.fetches != before && model.stamped <= now ? 0 : set_back;
        if (flaw[0] != '\0' || model.flaw[0] != '\0') {
            printf("# seed %llu, step %u (%s): %s%s\n", (unsigned long long)seed, i, did, flaw, model.flaw);
            return false;
        }
    }
    end_refresh();
    return true;
}

static uint64_t number_from(const char *name, uint64_t usual)
{
    const char *given = getenv(name);
    return given != NULL ? strtoull(given, NULL, 10) : usual;
}

int main(void)
{
    const uint64_t first = number_from("FB_SEED", 1);
    const uint64_t runs = number_from("FB_RUNS", RUNS);
    unsigned fetches = 0;
    unsigned conditional = 0;
    keycache_test_begin();
    for (size_t i = 0; i < MADE; i++) {
        made[i] = test_key_new(JWA_ES256, "made");
    }
    make_tokens();
    printf("# the first seed is %llu\n", (unsigned long long)first);
    for (uint64_t i = 0; i < runs; i++) {
        ok(run(first + i), "D4, D5, D6: whatever happens, withdrawn keys are out and new ones in (seed %llu)",
           (unsigned long long)(first + i));
        fetches += model.fetches;
        conditional += model.conditional;
    }
    printf("# %u refreshes, %u of them conditional; %u tokens accepted, %u after a cooldown\n", fetches,
           conditional, accepted, alive);
    ok(fetches > 100 && conditional > 5 && accepted > 100 && alive > 20, "and much of it did happen");
    for (size_t i = 0; i < WORKERS; i++) {
        verifier_free(workers[i].verifier);
        keycache_free(workers[i].keys);
    }
    for (size_t i = 0; i < MADE; i++) {
        test_key_free(made[i]);
        for (size_t kid = 0; kid <= KIDS_MAX; kid++) {
            free(tokens[kid][i]);
        }
    }
    return keycache_test_end();
}
