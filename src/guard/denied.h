/* SPDX-License-Identifier: MIT */
/* The log line about a denied request. */
#ifndef FB_GUARD_DENIED_H
#define FB_GUARD_DENIED_H

#include "base/error.h"
#include "base/log.h"
#include "door/door.h"
#include "guard/denials.h"
#include "guard/request.h"

/* What a line about a denial is made of; all borrowed. */
struct denied {
    enum bearer_code code;
    const struct request *request;
    /* as far as it was read; its claims count only if it was verified */
    const struct token *token;
    /* that decides; "": none was chosen */
    const char *profile;
    /* what the location requires; NULL: nothing */
    const char *location;
    /* what the endpoint requires beside the location; NULL: nothing more */
    const char *route;
};

/* Writes one line that a log watcher can parse, if `denials` admits one at `now` (see there). */
void denied_log(struct denials *denials, const struct log *log, const struct denied *denied,
                int64_t now);

#endif
