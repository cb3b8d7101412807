/* SPDX-License-Identifier: MIT */
/* What must hold of keys whatever happens, in whatever order: random sequences of an issuer that
 * publishes, withdraws and replaces keys, is down, or says nonsense, of clocks that are set, of
 * workers that come and go, with a cache that they share, or each alone with a pipe, or with a
 * timer that refreshes, and of tokens, good and forged. Held against a model (keys_model.h), by
 * what is in keys_world.h:
 *
 * - a key that is absent from the last document that counts is never accepted after the refresh
 *   that made it count;
 * - a token that is good under the newest document is accepted at the latest after one cooldown, or
 *   after the timer's next refresh;
 * - what is good under the last document that counts is accepted until that is too old, whatever
 *   the issuer says meanwhile that does not count;
 * - workers start at most one refresh in a cooldown, and with BEARER_REFRESH=external none.
 *
 * The seeds are the same in every run, so that it never fails by chance; FB_SEED is another first
 * one, and FB_RUNS more of them: FB_SEED=$RANDOM FB_RUNS=1000 tests/unit/test_keycache_property. */
#include "keys_world.h"

#define RUNS  8
#define STEPS 800

static const char *did;
static unsigned alive;
static int64_t set_back; /* by how much, at most, the last stamp may lie ahead */

/* --- what happens */

/* What goes on beside the workers. */
static void outside(void)
{
    end_refreshes();
    if (mode == EXTERNAL) {
        refresh_outside(false);
    }
}

/* What has a worker find keys that are new, after it refused a token that they are good for.
 * Another request may come first, and have the keys refreshed for their age: to another worker soon
 * after the last attempt; to this one, which knows what it refused, at any time. */
static void let_keys_come(size_t worker, size_t kid, int by)
{
    static const int64_t later[] = {0, 0, COOLDOWN, TTL};
    if (mode == EXTERNAL) {
        refresh_outside(false);
        return;
    }
    end_refreshes();
    bool same = below(2) == 0;
    pass_time(COOLDOWN + set_back + (same ? later[below(4)] : 0));
    (void)ask_worker(same ? worker : below(WORKERS), below(KIDS_MAX + 1), (int)below(MADE));
    end_refreshes();
    (void)ask_worker(worker, kid, by);
    end_refreshes();
}

static void ask_any(void)
{
    (void)ask_worker(below(WORKERS), below(KIDS_MAX + 1), (int)below(MADE));
}

/* An outage that is over: keys that are due, and a cooldown in which nobody asks for them. */
static void fail_once(void)
{
    end_refreshes();
    pass_time(TTL);
    issuer.answer = DOWN;
    ask_any();
    outside();
    issuer.answer = GOOD;
    issuer.liar = below(2) == 0;
}

static void must_live(void)
{
    size_t worker = below(WORKERS);
    size_t kid = below(KIDS_MAX + 1);
    int by = issuer.document.made[kid];
    if (issuer.answer != GOOD || by == NONE || !good_under(&issuer.document, kid, by)) {
        return;
    }
    if (below(2) == 0) {
        fail_once();
    }
    end_refreshes();
    if (ask_worker(worker, kid, by) == BEARER_OK) {
        return;
    }
    let_keys_come(worker, kid, by);
    enum bearer_code code = ask_worker(worker, kid, by);
    alive++;
    if (code != BEARER_OK) {
        FLAW("worker %zu, kid %s by pair %d: %s after a cooldown", worker,
             names[kid] != NULL ? names[kid] : "none", by, bearer_outcome(code)->reason);
    }
}

/* Who has no cache gets nothing by it. */
static void by_hand(void)
{
    end_refreshes();
    if (mode != ALONE) {
        refresh_outside(true);
    }
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

static void wait_a_while(void)
{
    static const int64_t times[] = {1, 5, COOLDOWN, COOLDOWN, 60, TTL, 2000, 4000};
    pass_time(times[below(8)]);
}

static void begin_anew(void)
{
    start_worker(below(WORKERS));
}

static void step(void)
{
    static const struct {
        unsigned weight; /* in a hundred; the last one has the rest */
        void (*act)(void);
        const char *name;
    } acts[] = {{12, publish, "publish"},
                {6, change_answer, "another answer"},
                {2, by_hand, "refresh by hand"},
                {2, set_clock, "set the clock"},
                {6, outside, "end a refresh"},
                {10, must_live, "a good token, a cooldown, and the token again"},
                {12, wait_a_while, "time passes"},
                {3, begin_anew, "a worker begins anew"},
                {100, ask_any, "ask"}};
    unsigned n = below(100);
    size_t i = 0;
    for (; n >= acts[i].weight; i++) {
        n -= acts[i].weight;
    }
    did = acts[i].name;
    acts[i].act();
}

static bool run(uint64_t seed, enum mode in)
{
    chance = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    set_back = 0;
    begin_world(in);
    for (unsigned i = 0; i < STEPS && flaw[0] == '\0'; i++) {
        unsigned before = fetches;
        step();
        said[0] = '\0';
        set_back = fetches != before && stamped <= now ? 0 : set_back;
        if (flaw[0] != '\0') {
            printf("# seed %llu, step %u (%s): %s\n", (unsigned long long)seed, i, did, flaw);
        }
    }
    end_world();
    return flaw[0] == '\0';
}

static uint64_t number_from(const char *name, uint64_t usual)
{
    const char *given = getenv(name);
    return given != NULL ? strtoull(given, NULL, 10) : usual;
}

static void run_all(enum mode in, uint64_t first, uint64_t runs)
{
    static const char *const shown[MODE__MAX] = {
        [SHARED] = "a shared cache", [ALONE] = "each by a pipe", [EXTERNAL] = "a timer"};
    fetches = conditional = accepted = alive = 0;
    for (uint64_t i = 0; i < runs; i++) {
        ok(run(first + i, in),
           "D4, D5, D6: %s: whatever happens, withdrawn keys are out and new ones in (seed %llu)",
           shown[in], (unsigned long long)(first + i));
    }
    printf("# %u refreshes, %u of them conditional; %u tokens accepted, %u after a cooldown\n",
           fetches, conditional, accepted, alive);
    ok(fetches > 100 && (conditional > 5 || in != SHARED) && accepted > 100 && alive > 20,
       "%s: and much of it did happen", shown[in]);
}

int main(void)
{
    const uint64_t first = number_from("FB_SEED", 1);
    const uint64_t runs = number_from("FB_RUNS", RUNS);
    keycache_test_begin();
    make_tokens();
    printf("# the first seed is %llu\n", (unsigned long long)first);
    run_all(SHARED, first, 2 * runs);
    run_all(ALONE, first, runs);
    run_all(EXTERNAL, first, runs);
    for (size_t i = 0; i < MADE; i++) {
        test_key_free(made[i]);
        for (size_t kid = 0; kid <= KIDS_MAX; kid++) {
            free(tokens[kid][i]);
        }
    }
    return keycache_test_end();
}
