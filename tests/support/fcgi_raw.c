/* SPDX-License-Identifier: MIT */
/* A FastCGI web server without manners: sends the octets it is given, whatever they are, and then
 * does what no web server should.
 *
 *     fcgi-raw SOCKET [--at-once N] [--flood N] [--cut all] [--again 1] [--then shut|hold|stay] <OCTETS
 *
 * SOCKET: the path of a Unix socket, or a TCP port of 127.0.0.1. --at-once: only the first N
 * octets, the others one by one, every 200 ms. --flood: those after the first N over and over, as
 * fast as they are taken. --cut all: a connection for each number of octets, from none to all, at
 * the same time. --again 1: again and again, and nothing is read, until the buffers are full; the
 * octets must be 8192, as many as libfcgi reads at once, because it drops what follows a request.
 * After that one at a time, as above. --then: shuts its side down (default), holds still until the
 * other side hangs up, or stays even then, to be killed.
 *
 * Prints "sent" when all that is sent at once is on its way, and one line for each record that
 * comes back, after the number of octets of its connection: its type, and the first line of its
 * content. Exits 0 when the other side has hung up on all connections, 1 if it has not after a
 * minute, 64 or 69 if it could not be asked. */
#include <errno.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "fcgi_connect.h"

#define ROUND_MS    20
#define DRIP_ROUNDS 10
#define ROUNDS      3000
#define RECORD_MAX  (FCGI_HEADER_LEN + 65535 + 255)

enum then { SHUT, HOLD, STAY };

struct order {
    char *octets;
    size_t length, at_once, flood;
    bool cut_all, again;
    enum then then;
};

struct peer {
    int fd;
    /* of the octets */
    size_t length, sent;
    /* the record that is being received */
    unsigned char *received;
    size_t filled;
    /* the other side has hung up */
    bool over;
};

static void fail(int status, const char *what)
{
    fprintf(stderr, "fcgi-raw: %s: %s\n", what, strerror(errno));
    exit(status);
}

static void read_octets(struct order *order)
{
    size_t room = 0;
    for (size_t n = 1; n > 0; order->length += n) {
        if (order->length == room) {
            room = room * 2 + 65536;
            order->octets = realloc(order->octets, room);
            if (order->octets == NULL) {
                fail(EX_OSERR, "memory");
            }
        }
        n = fread(order->octets + order->length, 1, room - order->length, stdin);
    }
}

/* As many as are wanted and as can be taken. False if the other side takes none any more. */
static bool send_octets(struct peer *peer, const struct order *order, size_t wanted)
{
    while (peer->sent < wanted) {
        ssize_t n = write(peer->fd, order->octets + peer->sent, wanted - peer->sent);
        if (n < 0) {
            peer->sent = errno == EAGAIN ? peer->sent : peer->length;
            return errno == EAGAIN;
        }
        peer->sent += (size_t)n;
    }
    if (order->then == SHUT && peer->sent == peer->length) {
        shutdown(peer->fd, SHUT_WR);
    }
    return true;
}

static void print_record(const struct peer *peer, const unsigned char *content, size_t length)
{
    static const char *const names[] = {
        [FCGI_END_REQUEST] = "END_REQUEST",
        [FCGI_STDOUT] = "STDOUT",
        [FCGI_STDERR] = "STDERR",
        [FCGI_GET_VALUES_RESULT] = "GET_VALUES_RESULT",
        [FCGI_UNKNOWN_TYPE] = "UNKNOWN_TYPE",
    };
    const unsigned type = peer->received[1];
    const bool text = type == FCGI_STDOUT || type == FCGI_STDERR;
    const char *name = type < sizeof names / sizeof *names ? names[type] : NULL;
    printf("%zu: %s", peer->length, name != NULL ? name : "?");
    if (type == FCGI_END_REQUEST && length == sizeof(FCGI_EndRequestBody)) {
        printf(" %d", content[4]);
    } else if (text && length > 0) {
        printf(" %.*s", (int)strcspn((const char *)content, "\r\n"), (const char *)content);
    }
    printf("\n");
    fflush(stdout);
}

/* Prints the records that are whole. False at the end. */
static bool receive(struct peer *peer)
{
    ssize_t n = read(peer->fd, peer->received + peer->filled, RECORD_MAX - peer->filled);
    if (n <= 0) {
        return false;
    }
    peer->filled += (size_t)n;
    while (peer->filled >= FCGI_HEADER_LEN) {
        size_t length = (size_t)peer->received[4] << 8 | peer->received[5];
        size_t whole = FCGI_HEADER_LEN + length + peer->received[6];
        if (peer->filled < whole) {
            break;
        }
        unsigned char after = peer->received[whole]; /* there is one more octet than RECORD_MAX */
        peer->received[whole] = '\0';
        print_record(peer, peer->received + FCGI_HEADER_LEN, length);
        peer->received[whole] = after;
        peer->filled -= whole;
        memmove(peer->received, peer->received + whole, peer->filled);
    }
    return true;
}

/* Until nothing goes any more, for a second: the worker is busy with an answer that nobody
 * takes. */
static void fill_buffers(struct peer *peer, const struct order *order)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    fcntl(peer->fd, F_SETFL, fcntl(peer->fd, F_GETFL) | O_NONBLOCK);
    for (int stuck = 0; stuck < 1000; stuck++) {
        const size_t before = peer->sent;
        (void)send_octets(peer, order, order->length);
        if (peer->sent == order->length) {
            peer->sent = 0;
        }
        if (peer->sent != before) {
            stuck = 0;
        }
        nanosleep(&pause, NULL);
    }
}

/* As fast as they are taken; nobody waits for an answer. */
static void send_flood(struct peer *peer, const struct order *order)
{
    while (send_octets(peer, order, order->length)) {
        peer->sent = order->flood;
    }
}

static void open_peers(const char *where, const struct order *order, struct peer *peers,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = &peers[i];
        peer->fd = fcgi_connect(where, 4096);
        peer->length = count == 1 ? order->length : i;
        peer->received = malloc(RECORD_MAX + 1);
        if (peer->received == NULL) {
            fail(EX_OSERR, "memory");
        }
        if (order->again) {
            fill_buffers(peer, order);
        } else {
            (void)send_octets(peer, order,
                              peer->length < order->at_once ? peer->length : order->at_once);
        }
    }
    printf("sent\n");
    fflush(stdout);
}

/* What there is to be done for one of them. `events`: what poll() says. */
static void attend(struct peer *peer, const struct order *order, short events, bool drip)
{
    if (drip && peer->sent < peer->length) {
        (void)send_octets(peer, order, peer->sent + 1);
    }
    if (events != 0 && (order->again || !receive(peer))) {
        peer->over = true;
        if (order->then != STAY) {
            close(peer->fd);
            peer->sent = peer->length;
        }
    }
}

/* Whether the other side has hung up on all of them. */
static bool wait_for_all(const struct order *order, struct peer *peers, size_t count)
{
    struct pollfd *polls = calloc(count, sizeof *polls);
    size_t open = count;
    for (int round = 1; polls != NULL && open > 0 && round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            polls[i].fd = peers[i].over ? -1 : peers[i].fd;
            polls[i].events = order->again ? 0 : POLLIN;
            polls[i].revents = 0;
        }
        (void)poll(polls, count, ROUND_MS);
        open = 0;
        for (size_t i = 0; i < count; i++) {
            attend(&peers[i], order, polls[i].revents, round % DRIP_ROUNDS == 0);
            open += !peers[i].over || order->then == STAY;
        }
    }
    free(polls);
    return open == 0;
}

static void read_arguments(struct order *order, int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--at-once") == 0) {
            order->at_once = strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--cut") == 0) {
            order->cut_all = strcmp(value, "all") == 0;
        } else if (strcmp(argv[i], "--flood") == 0) {
            order->flood = strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--again") == 0) {
            order->again = strcmp(value, "1") == 0;
        } else if (strcmp(argv[i], "--then") == 0) {
            order->then = strcmp(value, "hold") == 0   ? HOLD
                          : strcmp(value, "stay") == 0 ? STAY
                                                       : SHUT;
        }
    }
}

int main(int argc, char **argv)
{
    struct order order = {.at_once = SIZE_MAX};
    if (argc < 2 || argc % 2 != 0) {
        fputs("usage: fcgi-raw SOCKET [--at-once N] [--flood N] [--cut all] [--again 1] [--then "
              "shut|hold|stay] <OCTETS\n",
              stderr);
        return EX_USAGE;
    }
    read_arguments(&order, argc, argv);
    read_octets(&order);
    signal(SIGPIPE, SIG_IGN);
    const size_t count = order.cut_all ? order.length + 1 : 1;
    struct peer *peers = calloc(count, sizeof *peers);
    if (peers == NULL) {
        fail(EX_OSERR, "memory");
    }
    open_peers(argv[1], &order, peers, count);
    if (order.flood > 0) {
        send_flood(&peers[0], &order);
    }
    bool hung_up = wait_for_all(&order, peers, count);
    for (size_t i = 0; i < count; i++) {
        free(peers[i].received);
    }
    free(peers);
    free(order.octets);
    return hung_up ? EXIT_SUCCESS : EXIT_FAILURE;
}
