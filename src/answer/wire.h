/* SPDX-License-Identifier: MIT */
/* What stands between one request and who answers it: where its body comes from, where the answer
 * goes, and who is waited for. */
#ifndef FB_ANSWER_WIRE_H
#define FB_ANSWER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "answer/response.h"

/* Who is waited for, and what happens when it takes too long. */
enum wire_wait {
    /* the web server and the client behind it: they lose the connection */
    WIRE_PEER = 0,
    /* a handler: its process ends, without an answer */
    WIRE_HANDLER,
    /* a handler and its client, which take turns: the client loses the connection, and the handler
     * has time to end */
    WIRE_STREAM
};

struct wire {
    struct sink out;
    /* log lines */
    struct sink err;
    /* The next octets of the body, at most `size`; 0: its end; -1: it is cut short. NULL: there is
     * no body. */
    ssize_t (*read)(void *context, char *bytes, size_t size);
    /* Has what was written sent. False: nobody takes it any more. */
    bool (*flush)(void *context);
    /* The answer is not whole and shall not be taken for it: the connection ends without its
     * end. */
    void (*cut)(void *context);
    /* From here on. `handler` is how long a handler has, `stream` how long one that streams, in
     * seconds. */
    void (*wait)(void *context, enum wire_wait wait, unsigned handler, unsigned stream);
    void *context;
};

#endif
