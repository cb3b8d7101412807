/* SPDX-License-Identifier: MIT */
/* The guard of a program that asks by itself (bearer.h). */
#include <bearer.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "guard/authorize.h"
#include "lib/facts.h"
#include "lib/lanes.h"
#include "lib/source.h"
#include "lib/verdict.h"

struct bearer_guard {
    struct source source;
    struct lanes lanes;
};

static void guard_cleanup(struct bearer_guard **guard)
{
    bearer_guard_close(*guard);
}

struct bearer_guard *bearer_guard_open(const char *file, bearer_log_fn *log, void *context,
                                       char *error, size_t size)
{
    const struct log to = {.level = LOG_LEVEL_WARN, .write = log, .context = context};
    struct diag diag = {.text = "out of memory"};
    struct bearer_guard *guard CLEANUP(guard_cleanup) = calloc(1, sizeof *guard);
    if (guard != NULL && source_open(&guard->source, file, &to, &diag) &&
        lanes_open(&guard->lanes, &guard->source)) {
        return steal(&guard);
    }
    if (size > 0) {
        (void)snprintf(error, size, "%s", diag.text);
    }
    return NULL;
}

void bearer_guard_close(struct bearer_guard *guard)
{
    if (guard == NULL) {
        return;
    }
    lanes_close(&guard->lanes);
    source_close(&guard->source);
    free(guard);
}

static struct bearer_verdict *judge(struct guard *guard, char *const *params)
{
    struct exchange exchange CLEANUP(exchange_clear);
    exchange_begin(&exchange, params);
    enum bearer_code code = guard_read(guard, &exchange);
    if (code == BEARER_OK) {
        code = guard_judge(guard, &exchange);
    }
    if (code == BEARER_OK) {
        return verdict_yes(exchange.verdict.token, time(NULL),
                           guard_profile(guard, &exchange)->config->leeway, &guard->log);
    }
    guard_deny(guard, code, &exchange);
    return verdict_no(code, &exchange.response);
}

struct bearer_verdict *bearer_guard_check(struct bearer_guard *guard,
                                          const struct bearer_fact *facts, size_t count,
                                          unsigned flags)
{
    char **params CLEANUP(cleanup_free) = NULL;
    if ((flags & ~BEARER_WAIT) != 0 || (params = facts_params(facts, count)) == NULL) {
        return NULL; /* a flag of a later version may ask for more than this one looks at */
    }
    source_look(&guard->source);
    struct lane *lane = lanes_take(&guard->lanes, &guard->source, (flags & BEARER_WAIT) != 0);
    if (lane == NULL) {
        return NULL;
    }
    struct bearer_verdict *verdict = judge(&lane->guard, params);
    lanes_leave(lane);
    return verdict;
}
