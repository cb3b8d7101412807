/* SPDX-License-Identifier: MIT */
/* A FastCGI web server of a few lines, as well-behaved or as rude as it is told to be.
 *
 *     fcgi-peer SOCKET [--role N] [--body FILE] [--cut N|all] [--abort 1] [--stdin 0] [--times N] NAME=VALUE...
 *
 * Connects to SOCKET, the path of a Unix socket or a TCP port of 127.0.0.1, sends one request with
 * these params and the body (FILE, or - for standard input as it comes; none otherwise), and prints
 * what comes back: STDOUT to standard output, STDERR to standard error. --role: 1 responder
 * (default), 2 authorizer. --cut: sends only the first N bytes of the params (all: on one
 * connection each, from none of them to all but their end), then shuts its side down, with --abort
 * 1 after it has aborted the request. --stdin 0: no record of STDIN at all, not even of its end, as
 * mod_fcgid asks an authorizer. --times: that often on one kept connection, the body with the first
 * alone. NAME=@FILE takes the value from a file. Exits 0 if each request was ended by the
 * application, 1 if the connection ended before, 64 or 69 if it could not be asked. */
#include <errno.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "fcgi_connect.h"
#include "next_tick.h"

#define PIECE 32768

struct buffer {
    unsigned char *bytes;
    size_t length, room;
};

static void fail(int status, const char *what)
{
    fprintf(stderr, "fcgi-peer: %s: %s\n", what, strerror(errno));
    exit(status);
}

static void append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (buffer->room - buffer->length < length) {
        buffer->room = 2 * (buffer->room + length);
        buffer->bytes = realloc(buffer->bytes, buffer->room);
        if (buffer->bytes == NULL) {
            fail(EX_OSERR, "memory");
        }
    }
    if (length > 0) {
        memcpy(buffer->bytes + buffer->length, bytes, length);
        buffer->length += length;
    }
}

static bool send_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t n = write(fd, at, length);
        if (n < 0) {
            return false;
        }
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool send_record(int fd, int type, const void *content, size_t length)
{
    const unsigned char header[FCGI_HEADER_LEN] = {
        FCGI_VERSION_1,       (unsigned char)type, 0, 1, (unsigned char)(length >> 8),
        (unsigned char)length};
    return send_all(fd, header, sizeof header) && send_all(fd, content, length);
}

/* In records, without the empty one that ends a stream. */
static bool send_stream(int fd, int type, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        size_t piece = length < PIECE ? length : PIECE;
        if (!send_record(fd, type, bytes, piece)) {
            return false;
        }
        bytes += piece;
        length -= piece;
    }
    return true;
}

static void append_length(struct buffer *out, size_t length)
{
    const unsigned char wide[4] = {(unsigned char)(0x80 | (length >> 24 & 0x7f)),
                                   (unsigned char)(length >> 16), (unsigned char)(length >> 8),
                                   (unsigned char)length};
    if (length < 0x80) {
        append(out, &wide[3], 1);
    } else {
        append(out, wide, sizeof wide);
    }
}

static void append_file(struct buffer *out, const char *path)
{
    char piece[PIECE];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    if (fd < 0) {
        fail(EX_USAGE, path);
    }
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        append(out, piece, (size_t)n);
    }
    close(fd);
}

static void append_param(struct buffer *params, const char *text)
{
    struct buffer value = {0};
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        errno = EINVAL;
        fail(EX_USAGE, text);
    }
    if (equals[1] == '@') {
        append_file(&value, equals + 2);
    } else {
        append(&value, equals + 1, strlen(equals + 1));
    }
    append_length(params, (size_t)(equals - text));
    append_length(params, value.length);
    append(params, text, (size_t)(equals - text));
    append(params, value.bytes, value.length);
    free(value.bytes);
}

static bool receive(int fd, void *bytes, size_t length)
{
    char *at = bytes;
    while (length > 0) {
        ssize_t n = read(fd, at, length);
        if (n <= 0) {
            return false;
        }
        at += n;
        length -= (size_t)n;
    }
    return true;
}

/* Prints records until the request is ended; false if the connection is, before. */
static bool receive_answer(int fd)
{
    static unsigned char content[65535 + 255];
    unsigned char header[FCGI_HEADER_LEN];
    while (receive(fd, header, sizeof header)) {
        size_t length = (size_t)header[4] << 8 | header[5];
        if (!receive(fd, content, length + header[6])) {
            return false;
        }
        if (header[1] == FCGI_STDOUT) {
            fwrite(content, 1, length, stdout);
            fflush(stdout); /* somebody may wait for a piece of a stream */
        } else if (header[1] == FCGI_STDERR) {
            fwrite(content, 1, length, stderr);
        } else if (header[1] == FCGI_END_REQUEST) {
            return true;
        }
    }
    return false;
}

static bool send_body(int fd, const char *path)
{
    unsigned char piece[PIECE];
    int file = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    if (file < 0) {
        fail(EX_USAGE, path);
    }
    while ((n = read(file, piece, sizeof piece)) > 0) {
        if (!send_record(fd, FCGI_STDIN, piece, (size_t)n)) {
            return false; /* it stopped listening: what it said is still to be read */
        }
    }
    return true;
}

struct order {
    int role;
    long times, cut;
    bool cut_all, abort, no_stdin;
    const char *body;
    struct buffer params;
};

static bool ask(int fd, const struct order *order, bool keep, const char *body)
{
    const FCGI_BeginRequestBody begin = {.roleB0 = (unsigned char)order->role,
                                         .flags = keep ? FCGI_KEEP_CONN : 0};
    bool sent = send_record(fd, FCGI_BEGIN_REQUEST, &begin, sizeof begin);
    if (order->cut >= 0) {
        size_t length =
            (size_t)order->cut < order->params.length ? (size_t)order->cut : order->params.length;
        (void)send_stream(fd, FCGI_PARAMS, order->params.bytes, length);
        if (order->abort) {
            (void)send_record(fd, FCGI_ABORT_REQUEST, NULL, 0);
        }
        shutdown(fd, SHUT_WR);
        return receive_answer(fd);
    }
    sent = sent && send_stream(fd, FCGI_PARAMS, order->params.bytes, order->params.length) &&
           send_record(fd, FCGI_PARAMS, NULL, 0);
    sent = sent && (body == NULL || send_body(fd, body));
    (void)(sent && !order->no_stdin && send_record(fd, FCGI_STDIN, NULL, 0));
    return receive_answer(fd);
}

/* Whether the application ended the request does not matter: it may just hang up. */
static void ask_cut_everywhere(const char *path, struct order *order)
{
    for (order->cut = 0; (size_t)order->cut <= order->params.length; order->cut++) {
        int fd = fcgi_connect(path, 0);
        (void)ask(fd, order, false, NULL);
        close(fd);
    }
}

int main(int argc, char **argv)
{
    struct order order = {.role = FCGI_RESPONDER, .times = 1, .cut = -1};
    if (argc < 2) {
        fputs("usage: fcgi-peer SOCKET [--role N] [--body FILE] [--cut N|all] [--abort 1] [--stdin "
              "0] [--times N] NAME=VALUE...\n",
              stderr);
        return EX_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--role") == 0) {
            order.role = (int)strtol(next, NULL, 10);
        } else if (strcmp(argv[i], "--body") == 0) {
            order.body = next;
        } else if (strcmp(argv[i], "--cut") == 0) {
            order.cut_all = strcmp(next, "all") == 0;
            order.cut = strtol(next, NULL, 10);
        } else if (strcmp(argv[i], "--abort") == 0) {
            order.abort = strcmp(next, "1") == 0;
        } else if (strcmp(argv[i], "--stdin") == 0) {
            order.no_stdin = strcmp(next, "0") == 0;
        } else if (strcmp(argv[i], "--times") == 0) {
            order.times = strtol(next, NULL, 10);
        } else {
            append_param(&order.params, argv[i]);
            continue;
        }
        i++;
    }
    signal(SIGPIPE, SIG_IGN);
    if (order.cut_all) {
        ask_cut_everywhere(argv[1], &order);
        free(order.params.bytes);
        return EXIT_SUCCESS;
    }
    next_tick();
    int fd = fcgi_connect(argv[1], 0);
    bool ended = true;
    for (long i = 0; ended && i < order.times; i++) {
        ended = ask(fd, &order, order.times > 1, i == 0 ? order.body : NULL);
    }
    close(fd);
    free(order.params.bytes);
    return ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
