/* SPDX-License-Identifier: MIT */
#include "fcgi/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/monotonic.h"

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static volatile sig_atomic_t connection = -1;
static volatile sig_atomic_t late;  /* how often the alarm went off since the last step */
static volatile sig_atomic_t waits; /* enum wire_wait */
static volatile sig_atomic_t handler_seconds;
static volatile sig_atomic_t hurried; /* it goes off earlier than that */
static int64_t alarm_at;              /* when it will go off; monotonic_tick() in seconds */

/* A process that does not come back answers nobody any more. Its supervisor starts the next. */
static void end_handler(void)
{
    static const char text[] =
        "fcgi-bearer: error: an endpoint's handler takes longer than BEARER_HANDLER_SECONDS: this "
        "process ends\n";
    const ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
    _exit(n < 0 ? EX_IOERR : EX_SOFTWARE);
}

static void on_peer_alarm(void)
{
    if (connection >= 0) {
        late++;
        if (late > 2) {
            shutdown((int)connection, SHUT_RDWR);
        }
        alarm(1);
    }
}

static void on_alarm(int signal_number)
{
    const int before = errno;
    (void)signal_number;
    if (waits == WIRE_PEER) {
        on_peer_alarm();
    } else if (waits == WIRE_STREAM && connection >= 0) {
        shutdown((int)connection, SHUT_RDWR);
        waits = WIRE_HANDLER;
        alarm((unsigned)handler_seconds);
    } else {
        end_handler();
    }
    errno = before;
}

/* No SA_RESTART: what waits for the peer has to return. */
void peer_watch(void)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
}

/* Has the alarm go off after `seconds`, or up to a quarter of PEER_SECONDS later, as it is set; if
 * it has to be set, then to `new_seconds`. So it seldom is. An alarm without a connection does
 * nothing to a peer, so it is never taken back. */
static void arm(int64_t seconds, int64_t new_seconds)
{
    const int64_t now = monotonic_tick() / 1000000000;
    const int64_t left = alarm_at - now;
    if (hurried || left < seconds || left > seconds + PEER_SECONDS / 4) {
        alarm((unsigned)new_seconds);
        alarm_at = now + new_seconds;
        hurried = 0;
    }
}

void peer_step(void)
{
    late = 0;
    arm(PEER_SECONDS - PEER_SECONDS / 4, PEER_SECONDS);
}

/* The wait is set before the alarm where it ends a process, and behind it where it does not: an
 * alarm in between is the peer's. */
void peer_wait(enum wire_wait wait, unsigned handler, unsigned stream)
{
    if (wait == WIRE_PEER) {
        waits = WIRE_PEER;
        peer_step();
    } else if (wait == WIRE_HANDLER) {
        arm(handler, handler);
        waits = WIRE_HANDLER;
    } else if (waits != WIRE_STREAM) {
        handler_seconds = (sig_atomic_t)handler;
        arm(stream, stream);
        waits = WIRE_STREAM;
    }
}

void peer_stop_waiting(void)
{
    if (connection < 0) {
        hurried = 1;
        alarm(1);
    }
}

/* libfcgi has such a list as well, but looks at IPv4 only and lets everything else through. */
static bool may_ask(const union address *peer)
{
    const char *list = getenv("FCGI_WEB_SERVER_ADDRS");
    char text[INET6_ADDRSTRLEN] = "";
    if (list == NULL || *list == '\0' || peer->any.sa_family == AF_UNIX) {
        return true;
    }
    if (peer->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &peer->in.sin_addr, text, sizeof text);
    } else if (peer->any.sa_family == AF_INET6) {
        const struct in6_addr *in6 = &peer->in6.sin6_addr;
        const bool mapped = IN6_IS_ADDR_V4MAPPED(in6); /* IPv4, on a socket that takes both */
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &in6->s6_addr[12] : in6->s6_addr, text,
                  sizeof text);
    }
    for (size_t length = 0; *list != '\0'; list += length) {
        list += strspn(list, ", ");
        length = strcspn(list, ", ");
        if (length > 0 && length == strlen(text) && memcmp(list, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* After an accept() that failed: whether to try it again, and not at once. The peer may have gone
 * already, and descriptors and memory may be short for a while: all of that passes. The first poll
 * is for a listening socket that never blocks. */
static bool try_again(int socket)
{
    struct pollfd listening = {.fd = socket, .events = POLLIN};
    switch (errno) {
    case EINTR:
        return true;
    case EAGAIN:
        (void)poll(&listening, 1, 1000);
        return true;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        return false;
    default:
        (void)poll(NULL, 0, 100);
        return true;
    }
}

int peer_accept(int socket, bool (*stopping)(void))
{
    connection = -1;
    while (!stopping()) {
        union address peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(socket, &peer.any, &length, SOCK_CLOEXEC);
        if (fd < 0 && !try_again(socket)) {
            return -1;
        }
        if (fd >= 0 && may_ask(&peer)) {
            const int yes = 1;
            if (peer.any.sa_family != AF_UNIX) { /* an answer's last packet need not wait */
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            }
            connection = fd;
            peer_step();
            return fd;
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    return -1;
}
