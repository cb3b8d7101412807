/* What a process needs to answer requests - configuration, keys, log - and the answer to one. */
#ifndef FB_GUARD_SERVICE_H
#define FB_GUARD_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "answer/response.h"
#include "base/log.h"
#include "config/config.h"
#include "config/config_watch.h"
#include "keys/keycache.h"
#include "token/verifier.h"

struct service {
    struct config_origin origin;
    struct config *config;    /* never changes; reload.c replaces it. NULL: everything is answered 500 */
    struct diag config_error; /* why the last reading gave none */
    struct config_watch watch;
    int64_t look_at;    /* milliseconds of monotonic_tick(): the next look at its file */
    bool refused;       /* config_error counts: it is read again at each look */
    bool children_left; /* what an earlier configuration had started may still run */
    struct keycache *cache;
    struct verifier *verifier;
    char *refresher; /* absolute path of bearerctl, NULL if there is none */
    struct log log;
    bool may_keep; /* see struct keycache_options */
    bool (*stopping)(void);
    bool authorization_seen; /* some request brought one */
    bool hint_given;
    bool setting_told;
};

/* Reads the configuration; without a good one service->config is NULL and service->config_error says why. `environment` is borrowed, and so is `stopping`, asked during
 * waits. `may_keep`: the process outlives the request. */
void service_start(struct service *service, char *const *environment, bool may_keep, bool (*stopping)(void));
void service_stop(struct service *service);

/* Answers the request described by `params` to `sink`. Lines go to `log_sink`. Always sends exactly one answer. */
void service_answer(struct service *service, char *const *params, const struct sink *sink,
                    const struct sink *log_sink);

#endif
