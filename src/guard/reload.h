/* The configuration of a running process, and the one that replaces it when its file has changed (design, rule 5). */
#ifndef FB_GUARD_RELOAD_H
#define FB_GUARD_RELOAD_H

#include "guard/service.h"

/* Reads it for the first time: service->config, cache, verifier and log level; or service->config_error. */
void reload_begin(struct service *service);

/* Between requests: looks whether it has changed, at most once a second, and reads it again. A good one replaces the old as a whole, with keys and verified tokens; with a bad
 * one, or none, all stays as it is. Both are logged, the latter once for each change. Costs no system call in between. */
void reload_look(struct service *service);

/* Releases all of it. */
void reload_end(struct service *service);

#endif
