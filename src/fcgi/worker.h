/* SPDX-License-Identifier: MIT */
/* How requests reach who answers them: as FastCGI, in a loop, or one as plain CGI. */
#ifndef FB_FCGI_WORKER_H
#define FB_FCGI_WORKER_H

#include <stdbool.h>

#include "answer/wire.h"
#include "base/log.h"

/* Who answers. */
struct service {
    /* Answers the request described by `params` (NAME=value, NULL-terminated) to the wire. */
    void (*answer)(void *context, char *const *params, const struct wire *wire);
    void *context;
    /* of what belongs to no request */
    const struct log *log;
};

/* Serves the listening socket on fd 0 until SIGTERM or SIGUSR1; the request in hand is answered
 * first. Returns the exit status. */
int worker_fastcgi(const struct service *service);

/* Answers the one request in `environment` on standard output. Returns the exit status. */
int worker_cgi(const struct service *service, char *const *environment);

/* Whether the process has been asked to stop; false before worker_fastcgi(). */
bool worker_stopping(void);

#endif
