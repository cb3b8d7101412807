/* SPDX-License-Identifier: MIT */
#include "fcgi/worker.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/safefile.h"
#include "fcgi/lengths.h"
#include "fcgi/peer.h"

/* A request body is not for us; as much is read as keeps a kept connection usable. */
#define DRAIN_MAX (16 * 1024 * 1024)

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
    FCGX_ShutdownPending();
    peer_stop_waiting();
}

bool worker_stopping(void)
{
    return stopping != 0;
}

/* No SA_RESTART: accept() has to return. Set before FCGX_Init(), which leaves handlers that are
 * there alone. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

/* Else a worker runs the moment the web server has connected, in its place, only to sleep again
 * until the server has sent the request: a fifth to a third of all CPU time (./dev bench). A policy
 * that somebody has chosen stays, and a system that does not allow this one is no trouble. */
static void let_server_go_on(void)
{
    const struct sched_param none = {0};
    if (sched_getscheduler(0) == SCHED_OTHER) {
        (void)sched_setscheduler(0, SCHED_BATCH, &none);
    }
}

static void write_stream(void *context, const char *bytes, size_t length)
{
    FCGX_Stream *stream = context;
    while (length > 0) {
        int piece = length < INT_MAX ? (int)length : INT_MAX;
        if (FCGX_PutStr(bytes, piece, stream) != piece) {
            return; /* the peer is gone; libfcgi notices at the end of the request */
        }
        bytes += piece;
        length -= (size_t)piece;
    }
}

/* Reads what is left of STDIN, else the next request on a kept connection reads end of file. Too
 * much of it, or one that takes too long, ends the connection, after the answer. An authorizer is
 * sent no STDIN (FastCGI 6.3), not even its end by mod_fcgid: waiting for that would be in vain.
 * True: its end was seen. */
static bool drain(FCGX_Request *request)
{
    static char buffer[8192]; /* on the stack it would be filled with zeros for each request */
    size_t total = 0;
    if (request->role == FCGI_AUTHORIZER) {
        request->keepConnection = 0;
        return false;
    }
    while (total < DRAIN_MAX) {
        int n = FCGX_GetStr(buffer, sizeof buffer, request->in);
        if (n < (int)sizeof buffer) {
            return request->role == FCGI_RESPONDER &&
                   FCGX_GetError(request->in) == 0; /* of an error libfcgi knows */
        }
        total += (size_t)n;
    }
    request->keepConnection = 0;
    return false;
}

/* Where libfcgi closes a connection it first waits until the peer has, for what comes unread makes
 * the peer lose the answer. After the end of STDIN nothing can come. */
static void lingering(FCGX_Request *request, bool needed)
{
    (void)(needed ? FCGX_Attach(request) : FCGX_Detach(request));
}

static ssize_t read_stream(void *context, char *bytes, size_t size)
{
    FCGX_Request *request = context;
    const int most = size < INT_MAX ? (int)size : INT_MAX;
    const int n = FCGX_GetStr(bytes, most, request->in);
    return n > 0 || FCGX_GetError(request->in) == 0 ? n : -1;
}

static bool flush_stream(void *context)
{
    FCGX_Request *request = context;
    return FCGX_FFlush(request->out) == 0 && FCGX_GetError(request->out) == 0;
}

/* Without the end of the request the web server knows that its answer is not whole. */
static void cut_stream(void *context)
{
    FCGX_Request *request = context;
    request->keepConnection = 0;
    (void)FCGX_FFlush(request->out);
    (void)FCGX_FFlush(request->err);
    shutdown(request->ipcFd, SHUT_RDWR);
}

static void wait_for(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    peer_wait(wait, handler, stream);
}

static void answer(const struct service *service, FCGX_Request *request)
{
    static char *no_params[] = {NULL};
    /* Params cut off by an abort arrive as a normal request: what is missing could have been what
     * closes the door. */
    bool whole = FCGX_GetError(request->in) == 0;
    const struct wire wire = {.out = {write_stream, request->out},
                              .err = {write_stream, request->err},
                              .read = whole ? read_stream : NULL,
                              .flush = flush_stream,
                              .cut = cut_stream,
                              .wait = wait_for,
                              .context = request};
    peer_step();
    service->answer(service->context, whole ? request->envp : no_params, &wire);
    if (whole) {
        lingering(request, !drain(request));
    } else { /* libfcgi may have lost its place, and would read what a record holds as records */
        request->keepConnection = 0;
        lingering(request, true);
    }
}

/* libfcgi reads from a connection as soon as it has accepted it; to have a say before, we accept.
 * It takes one that is there for kept, and having no listening socket of its own it returns an
 * error where it would accept the next: when the connection is over without a request. */
static bool next_request(const struct service *service, FCGX_Request *request)
{
    while (!worker_stopping()) {
        if (request->ipcFd < 0) {
            request->ipcFd = peer_accept(STDIN_FILENO, worker_stopping);
            request->keepConnection = 1;
        }
        if (request->ipcFd < 0) {
            return false;
        }
        const bool accepted = FCGX_Accept_r(request) >= 0;
        if (lengths_refused()) {
            log_line(
                service->log, LOG_LEVEL_WARN,
                "a FastCGI peer claims a name or value of 32 MiB or more: connection closed; see "
                "that only the web server can connect");
            FCGX_Free(request, 1);
        } else if (accepted) {
            return true;
        }
    }
    return false;
}

int worker_fastcgi(const struct service *service)
{
    FCGX_Request request;
    catch_signals();
    let_server_go_on();
    peer_watch();
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, -1, 0) != 0) {
        log_line(service->log, LOG_LEVEL_ERROR, "libfcgi could not be initialized");
        return EXIT_FAILURE;
    }
    while (next_request(service, &request)) {
        answer(service, &request);
        FCGX_Finish_r(&request);
        peer_step();
    }
    FCGX_Free(&request, 1);
    return EXIT_SUCCESS;
}

/* Plain CGI. */
struct process {
    bool failed;
    /* of the body, what may be read still */
    size_t left;
};

static void write_out(void *context, const char *bytes, size_t length)
{
    struct process *process = context;
    process->failed = process->failed || !safe_write_all(STDOUT_FILENO, bytes, length);
}

static void write_err(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)safe_write_all(STDERR_FILENO, bytes, length);
}

/* How much body there is to read (RFC 3875, section 4.1.2: not more); all that comes where it is
 * sent in chunks. */
static size_t body_length(void)
{
    const char *text = getenv("CONTENT_LENGTH");
    if (text == NULL || *text == '\0' || strcmp(text, "-1") == 0) {
        return getenv("HTTP_TRANSFER_ENCODING") != NULL ? SIZE_MAX : 0;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long length = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && length < SIZE_MAX ? (size_t)length : SIZE_MAX;
}

static ssize_t read_body(void *context, char *bytes, size_t size)
{
    struct process *process = context;
    ssize_t n = 0;
    size = size < process->left ? size : process->left;
    do {
        n = size > 0 ? read(STDIN_FILENO, bytes, size) : 0;
    } while (n < 0 && errno == EINTR);
    process->left -= n > 0 ? (size_t)n : 0;
    return n;
}

/* Apache's mod_cgid has one socket for both directions: unread octets in it would take the answer
 * with them. */
static void drain_cgi(struct process *process)
{
    char buffer[8192];
    process->left = process->left < DRAIN_MAX ? process->left : DRAIN_MAX;
    while (read_body(process, buffer, sizeof buffer) > 0) {
    }
}

static bool flush_out(void *context)
{
    const struct process *process = context;
    return !process->failed;
}

/* The web server learns by the exit status, if at all. */
static void cut_out(void *context)
{
    struct process *process = context;
    process->failed = true;
}

/* Else the web server's end would be that of a handler, which has things of its own to end. Not
 * SIG_IGN, which children would inherit. */
static void on_pipe(int signal_number)
{
    (void)signal_number;
}

int worker_cgi(const struct service *service, char *const *environment)
{
    const struct sigaction action = {.sa_handler = on_pipe};
    struct process process = {.left = body_length()};
    const struct wire wire = {.out = {write_out, &process},
                              .err = {write_err, &process},
                              .read = read_body,
                              .flush = flush_out,
                              .cut = cut_out,
                              .wait = wait_for,
                              .context = &process};
    sigaction(SIGPIPE, &action, NULL);
    peer_watch();
    service->answer(service->context, environment, &wire);
    drain_cgi(&process);
    return process.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
