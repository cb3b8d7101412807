/* SPDX-License-Identifier: MIT */
/* libbearer in eight threads, while configuration, keys and the list of revoked tokens change.
 * tests/bats/library.bats runs it with ThreadSanitizer, too. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "door_test.h"

#define THREADS 8

static struct bearer_guard *guard;
static struct test_key *keys[2];
static char *tokens[2], *expired;

/* What the files have said for so long that every check says so. */
static atomic_int realm_seen;
static atomic_bool stopping;
static atomic_ulong checks, wrong;

/* Nothing that is written is worth a line here; but every line is one. */
static void line_is_whole(void *context, const char *line, size_t length)
{
    (void)context;
    if (length == 0 || line[length - 1] != '\n' || line[length] != '\0') {
        atomic_fetch_add(&wrong, 1);
    }
}

static void expect(bool right, const char *what, const struct bearer_verdict *verdict)
{
    if (!right && atomic_fetch_add(&wrong, 1) < 5) {
        printf("# wrong: %s: %d %s\n", what, bearer_verdict_status(verdict),
               bearer_verdict_reason(verdict));
    }
}

/* The realm of this answer: 0 or 1. What one thread has seen changed is so for each check that
 * begins after that. */
static void look_at_realm(const struct bearer_verdict *verdict, int least)
{
    const char *challenge = field(verdict, "WWW-Authenticate");
    const char *number = challenge != NULL ? strstr(challenge, "realm=\"") : NULL;
    const int realm = number != NULL ? (int)strtol(number + 7, NULL, 10) : -1;
    expect(realm >= least, "a configuration that was replaced", verdict);
    int seen = atomic_load(&realm_seen);
    while (realm > seen && !atomic_compare_exchange_weak(&realm_seen, &seen, realm)) {
    }
}

static void ask_once(unsigned number)
{
    const unsigned flags = number % 3 == 0 ? BEARER_WAIT : 0;
    const int least = atomic_load(&realm_seen);
    struct bearer_verdict *nobody = question(guard, NULL, "valid-token", flags);
    look_at_realm(nobody, least);
    bearer_verdict_free(nobody);
    struct bearer_verdict *old = question(guard, expired, "valid-token", flags);
    expect(bearer_verdict_status(old) == 401, "an expired token", old);
    bearer_verdict_free(old);
    struct bearer_verdict *verdict = question(guard, tokens[number % 2], "claim:sub", flags);
    const int status = bearer_verdict_status(verdict);
    expect(status == 200 || status == 401, "a token", verdict);
    if (status == 200) {
        const char *sub = bearer_verdict_claim(verdict, "/sub");
        expect(sub != NULL && strcmp(sub, "somebody") == 0 &&
                   bearer_verdict_meets(verdict, "claim:sub=somebody"),
               "what it says", verdict);
    }
    bearer_verdict_free(verdict);
    atomic_fetch_add(&checks, 3);
}

static void *ask(void *context)
{
    const unsigned *first = context;
    for (unsigned number = *first; !atomic_load(&stopping); number++) {
        ask_once(number);
        if (number % 16 == 0) { /* to change files takes no processor: seconds pass */
            poll(NULL, 0, 1);
        }
    }
    return NULL;
}

/* Until a check says this of the first or the second token. */
static bool becomes(size_t token, int status, const char *reason)
{
    bool right = false;
    for (int i = 0; i < 3000 && !right; i++) {
        struct bearer_verdict *verdict = question(guard, tokens[token], "valid-token", 0);
        right = bearer_verdict_status(verdict) == status &&
                strcmp(bearer_verdict_reason(verdict), reason) == 0;
        bearer_verdict_free(verdict);
        poll(NULL, 0, right ? 0 : 10);
    }
    return right;
}

static const char *lines(void)
{
    static char text[17000];
    snprintf(text, sizeof text, "%s\nBEARER_REVOKED_FILE=%s\nBEARER_LOG_LEVEL=error", file_keys(),
             at("revoked"));
    return text;
}

static void change_all(void)
{
    ok(becomes(0, 200, "ok") && becomes(1, 401, "kid-unknown"), "the first key");
    publish(keys[1]);
    ok(becomes(1, 200, "ok") && becomes(0, 401, "kid-unknown"), "the second in its place");
    replace("revoked", "sub=somebody\n");
    ok(becomes(1, 401, "revoked"), "its token is revoked");
    configure("1", lines());
    for (int i = 0; i < 3000 && atomic_load(&realm_seen) < 1; i++) {
        poll(NULL, 0, 10);
    }
    is_number(atomic_load(&realm_seen), 1, "another configuration");
    replace("revoked", "sub=other\n");
    publish(keys[0]);
    ok(becomes(0, 200, "ok"), "another list, and the first key again");
}

int main(void)
{
    char error[1024] = "";
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    tempdir_make();
    for (size_t i = 0; i < 2; i++) {
        const char *kid = i == 0 ? "a" : "b";
        keys[i] = test_key_new(JWA_EDDSA, kid);
        tokens[i] = bearer(keys[i], kid, CLAIMS(""));
    }
    expired = bearer(keys[0], "a", CLAIMS_AT("1", ""));
    replace("revoked", "");
    publish(keys[0]);
    configure("0", lines());
    guard = bearer_guard_open(at("bearer.env"), line_is_whole, NULL, error, sizeof error);
    if (!ok(guard != NULL, "a guard%s%s", *error != '\0' ? ": " : "", error)) {
        return tap_done();
    }
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, ask, &numbers[i]);
    }
    change_all();
    atomic_store(&stopping, true);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(atomic_load(&wrong), 0, "every answer was right");
    printf("# %lu answers\n", atomic_load(&checks));
    bearer_guard_close(guard);
    for (size_t i = 0; i < 2; i++) {
        free(tokens[i]);
        test_key_free(keys[i]);
    }
    free(expired);
    return tap_done();
}
