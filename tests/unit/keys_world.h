/* SPDX-License-Identifier: MIT */
/* For test_keycache_property.c: chance, clocks, refreshes and workers. All is one process: the
 * refresh is renewal_run() with a fetch of the model's, and the clocks are the test's. What workers
 * do is held against the model here; the first flaw is kept in `flaw`. */
#ifndef KEYS_WORLD_H
#define KEYS_WORLD_H

#include "keycache_test.h"
#include "keys/keycache_internal.h"

#include "json/json.h"
#include "keys/renewal.h"
#include "keys_model.h"
#include "token/tokencache.h"
#include "token/verifier.h"

#define WORKERS 3
#define SLACK \
    10 /* seconds by which another's stamp may lie ahead: the clock was not set back then */

/* How workers come to keys. */
enum mode {
    /* by a cache that all share, refreshed by whoever needs it */
    SHARED,
    /* without a usable directory: each by a pipe, for itself */
    ALONE,
    /* by a cache that a timer has refreshed */
    EXTERNAL,
    MODE__MAX
};

static enum mode mode;
static char flaw[400];
static unsigned fetches, conditional, accepted;
static int64_t stamped;              /* when the last shared refresh was started, of all */
static struct model models[WORKERS]; /* the first one only, where they share */

#define FLAW(...) ((void)(flaw[0] == '\0' && snprintf(flaw, sizeof flaw, __VA_ARGS__)))

/* --- chance and clocks */

static uint64_t chance;

static unsigned below(unsigned n)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (unsigned)(chance >> 32) % n;
}

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

static void pass_time(int64_t seconds)
{
    now += seconds;
    monotonic += seconds * 1000;
}

/* --- a refresh */

struct refresh {
    struct model *model;
    /* as of struct renewal */
    int record, result;
    int64_t started;
    bool if_changed, by_hand;
    /* what was fetched */
    struct json_object *jwks;
    char *text;
    char etag[32];
};

static enum renewal_result fetch_keys(void *context, const struct cached *old,
                                      struct renewal_document *document, struct diag *diag)
{
    struct refresh *refresh = context;
    struct model *model = refresh->model;
    fetches++;
    if (issuer.answer == DOWN) {
        diag_set(diag, "down");
        return RENEWAL_FAILED;
    }
    *document =
        (struct renewal_document){.fetched = now, .jwks_uri = CACHE_URI, .etag = refresh->etag};
    snprintf(refresh->etag, sizeof refresh->etag, "\"%u\"", issuer.version);
    if (old != NULL) {
        int64_t passed = now - model->whole;
        conditional++;
        if (passed < 0 || passed >= RENEWAL_304_SECONDS || model->seen || !refresh->if_changed) {
            FLAW("asked by validators %lld s after the last whole document%s", (long long)passed,
                 model->seen ? ", in doubt" : "");
        }
    }
    if (old != NULL && (issuer.liar || strcmp(old->etag, refresh->etag) == 0)) {
        model->fetched = now;
        return RENEWAL_NOT_MODIFIED;
    }
    refresh->text = issuer.answer == MALFORMED ? strdup(issuer.odd) : text_of(&issuer.document);
    refresh->jwks = js_parse(refresh->text, strlen(refresh->text), NULL);
    document->jwks = refresh->jwks;
    document->sum = cache_crc(refresh->text, strlen(refresh->text));
    if (issuer.answer == GOOD) {
        model_takes(model, refresh->by_hand, refresh->started < now ? refresh->started : now);
    }
    return refresh->jwks != NULL ? RENEWAL_DOCUMENT : RENEWAL_FAILED;
}

/* Makes it; the lock is on its record, if it has one. */
static void make_refresh(struct refresh *refresh)
{
    struct diag diag = {""};
    size_t count = 0;
    bool recorded = false;
    struct renewal renewal = {.config = site.config,
                              .uri = CACHE_URI,
                              .dir = cache_dir_open(in_site("cache"), (uid_t)-1, &diag),
                              .record = refresh->record,
                              .result = refresh->result,
                              .at_once = refresh->by_hand,
                              .if_changed = refresh->if_changed,
                              .fetch = fetch_keys,
                              .context = refresh};
    cache_names(CACHE_URI, NULL, NULL, &renewal.names);
    (void)renewal_run(&renewal, now, &count, &recorded, &diag);
    if (renewal.dir >= 0) {
        close(renewal.dir);
    }
    js_free(refresh->jwks);
    free(refresh->text);
}

/* `bearerctl refresh` of a person (by_hand) or a timer. */
static void refresh_outside(bool by_hand)
{
    int record = open_record();
    struct attempt attempt;
    attempt_read(record, &attempt);
    attempt = (struct attempt){.when = now, .seen = attempt.seen, .outcome = ATTEMPT_RUNNING};
    if (!attempt_lock(record, 0, NULL) || !attempt_write(record, &attempt)) {
        tempdir_bail("the record");
    }
    stamped = now;
    make_refresh(&(struct refresh){
        .model = &models[0], .record = record, .result = -1, .started = now, .by_hand = by_hand});
    close(record);
}

/* --- workers, and the refreshes that they have started */

static struct worker {
    struct keycache *keys;
    struct tokencache *seen;
    struct verifier *verifier;
    pid_t
        pid; /* of its refresh that has not ended; 0: none. Where they share it holds the lock, and goes on if the worker does not */
    int lock;
    int64_t
        started; /* when, or when the last one was; milliseconds of the monotonic clock where each is alone */
    bool if_changed;
} workers[WORKERS];

/* Where it was started without a record it says by the pipe what it has. */
static void end_one(struct worker *worker)
{
    int ends[2] = {-1, -1};
    struct refresh refresh = {.model = &models[mode == ALONE ? worker - workers : 0],
                              .record = worker->lock,
                              .started = mode == ALONE ? now : worker->started,
                              .if_changed = worker->if_changed};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        tempdir_bail("pipe2");
    }
    refresh.result = ends[1];
    make_refresh(&refresh);
    close(ends[1]);
    if (worker->lock >= 0) {
        close(worker->lock);
    } else {
        struct text *text = &worker->keys->child.text;
        ssize_t n = text_room(text, 65536) ? read(ends[0], text->bytes, text->size)
                                           : -1; /* what a pipe holds */
        text->length = n > 0 ? (size_t)n : 0;
    }
    close(ends[0]);
    worker->lock = -1;
    worker->pid = 0;
}

static void end_refreshes(void)
{
    for (size_t i = 0; i < WORKERS; i++) {
        if (workers[i].pid != 0) {
            end_one(&workers[i]);
        }
    }
}

/* At most one in a cooldown, whatever tokens come; a stamp in the future holds up nobody. */
static void check_cooldown(const struct worker *worker)
{
    int64_t passed = mode == ALONE ? (monotonic - worker->started) / 1000 : now - stamped;
    bool any = mode == ALONE ? worker->started > 0 : stamped > 0;
    if (any && passed >= (mode == ALONE ? 0 : -SLACK) && passed < COOLDOWN - 1) {
        FLAW("a refresh %lld s after the one before", (long long)passed);
    }
}

/* In the place of those that start a program. */
bool refresher_start(const char *path, char *const *environment, int lock, bool if_changed,
                     struct refresher *child, struct diag *diag)
{
    static pid_t last;
    struct worker *worker = workers;
    (void)path;
    (void)environment;
    (void)diag;
    while (&worker->keys->child != child) {
        worker++;
    }
    for (size_t i = 0; i < WORKERS && mode != ALONE; i++) {
        if (workers[i].pid != 0) {
            tempdir_bail("two refreshes at once");
        }
    }
    if (mode == EXTERNAL || (lock < 0) != (mode == ALONE)) {
        FLAW("a refresh where none may be");
    }
    check_cooldown(worker);
    worker->lock = lock >= 0 ? fcntl(lock, F_DUPFD_CLOEXEC, 0) : -1;
    worker->started = mode == ALONE ? monotonic : now;
    worker->if_changed = if_changed;
    worker->pid = ++last;
    stamped = now;
    *child = (struct refresher){.pid = worker->pid, .result = -1};
    if (below(2) == 0) {
        end_refreshes();
    }
    return true;
}

bool refresher_wait(struct refresher *child, int wait_ms, bool (*stop)(void))
{
    (void)stop;
    for (size_t i = 0; i < WORKERS && child->pid != 0; i++) {
        if (workers[i].pid == child->pid && wait_ms > 0) {
            monotonic += 20;
            end_refreshes();
        }
        if (workers[i].pid == child->pid) {
            return false;
        }
    }
    child->pid = 0;
    return true;
}

void refresher_clear(struct refresher *child, struct refresher_left *left)
{
    (void)left;
    text_clear(&child->text);
    *child = (struct refresher){.result = -1};
}

/* Asked by who waits for another's refresh. */
static bool end_or_not(void)
{
    if (below(2) == 0) {
        end_refreshes();
    }
    return false;
}

static void start_worker(size_t i)
{
    const struct keycache_options options = {
        .may_keep = true, .stopping = end_or_not, .log = &log_to};
    struct worker *worker = &workers[i];
    verifier_free(worker->verifier);
    tokencache_free(worker->seen);
    keycache_free(worker->keys);
    if (mode == ALONE) {
        models[i] = (struct model){0};
        *worker = (struct worker){.lock = -1};
    }
    worker->keys = keycache_new(site.config, &options);
    worker->seen = tokencache_new(site.config->token_cache, 1);
    worker->verifier = verifier_new(site.config, worker->keys, worker->seen, 0);
    if (worker->verifier == NULL) {
        tempdir_bail("verifier_new");
    }
}

/* --- tokens */

static char *tokens[KIDS_MAX + 1][MADE];

static void make_tokens(void)
{
    static const char claims[] =
        "{\"iss\":\"https://issuer.example.test/\",\"aud\":\"api\",\"exp\":9000000000}";
    for (size_t i = 0; i < MADE; i++) {
        made[i] = test_key_new(JWA_ES256, "made");
        for (size_t kid = 0; kid <= KIDS_MAX; kid++) {
            char header[64];
            snprintf(header, sizeof header,
                     names[kid] != NULL ? "{\"alg\":\"ES256\",\"kid\":\"%s\"}"
                                        : "{\"alg\":\"ES256\"}",
                     names[kid]);
            tokens[kid][i] = test_key_sign(made[i], JWA_ES256, header, claims);
        }
    }
}

/* Shows a token to a worker. What the model says before and after, and not what a clock that was
 * set says in between, it has to say too. */
static enum bearer_code ask_worker(size_t worker, size_t kid, int by)
{
    const struct model *model = &models[mode == ALONE ? worker : 0];
    struct token *token = NULL;
    const char *text = tokens[kid][by];
    const char *name = names[kid] != NULL ? names[kid] : "none";
    monotonic += 20; /* another tick of the clock */
    const struct model before = *model;
    enum bearer_code code =
        verifier_check(workers[worker].verifier, text, strlen(text), now, &token);
    bool was = before.any && good_under(&before.counts, kid, by);
    bool is = model->any && good_under(&model->counts, kid, by);
    int64_t age = now > model->fetched ? now - model->fetched : model->fetched - now;
    int64_t age_before = now > before.fetched ? now - before.fetched : before.fetched - now;
    if (code == BEARER_OK && !was && !is) {
        FLAW("worker %zu accepted kid %s by pair %d", worker, name, by);
    }
    if (code == BEARER_OK && age >= MAX_STALE + SLACK) {
        FLAW("accepted by keys of %lld s ago", (long long)age);
    }
    if (code != BEARER_OK && was && is && age_before < MAX_STALE - SLACK) {
        FLAW("worker %zu refused kid %s by pair %d, which counts: %s", worker, name, by,
             bearer_outcome(code)->reason);
    }
    accepted += code == BEARER_OK ? 1 : 0;
    return code;
}

/* --- all of it */

/* A site without keys, in this mode. */
static void begin_world(enum mode given)
{
    mode = given;
    new_site(mode == EXTERNAL ? "BEARER_REFRESH=external" : NULL);
    if (mode == ALONE) {
        put(in_site("cache"), "no directory");
    }
    memset(models, 0, sizeof models);
    stamped = 0;
    flaw[0] = '\0';
    now = NOW;
    issuer = (__typeof__(issuer)){.document = {{0, NONE, NONE}}, .odd = "{}"};
    for (size_t i = 0; i < WORKERS; i++) {
        start_worker(i);
    }
}

static void end_world(void)
{
    end_refreshes();
    for (size_t i = 0; i < WORKERS; i++) {
        verifier_free(workers[i].verifier);
        tokencache_free(workers[i].seen);
        keycache_free(workers[i].keys);
        workers[i] = (struct worker){.lock = -1};
    }
}

#endif
