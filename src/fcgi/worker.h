/* How requests reach the service: as FastCGI, in a loop, or one as plain CGI. */
#ifndef FB_FCGI_WORKER_H
#define FB_FCGI_WORKER_H

#include "guard/service.h"

/* Serves the listening socket on fd 0 until SIGTERM or SIGUSR1; the request in hand is answered first. Returns the exit status. */
int worker_fastcgi(struct service *service);

/* Answers the one request in `environment` on standard output. Returns the exit status. */
int worker_cgi(struct service *service, char *const *environment);

/* Whether the process has been asked to stop; false before worker_fastcgi(). */
bool worker_stopping(void);

#endif
