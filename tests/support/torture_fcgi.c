/* SPDX-License-Identifier: MIT */
/* Of torture: a FastCGI request. */
#include "torture.h"

#include <fastcgi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "next_tick.h"

#define PATIENCE_SECONDS 30

static size_t put_record(unsigned char *out, int type, const void *content, size_t length)
{
    const unsigned char header[FCGI_HEADER_LEN] = {
        FCGI_VERSION_1,       (unsigned char)type, 0, 1, (unsigned char)(length >> 8),
        (unsigned char)length};
    memcpy(out, header, sizeof header);
    memcpy(out + sizeof header, content, length);
    return sizeof header + length;
}

static size_t put_length(unsigned char *out, size_t length)
{
    out[0] = (unsigned char)(0x80 | length >> 24);
    out[1] = (unsigned char)(length >> 16);
    out[2] = (unsigned char)(length >> 8);
    out[3] = (unsigned char)length;
    return 4;
}

static size_t put_param(unsigned char *out, const char *name, const char *value)
{
    size_t used = put_length(out, strlen(name));
    used += put_length(out + used, strlen(value));
    memcpy(out + used, name, strlen(name));
    used += strlen(name);
    memcpy(out + used, value, strlen(value));
    return used + strlen(value);
}

static int connect_to(const char *path)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool receive(int fd, void *bytes, size_t length)
{
    return recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

/* Standard output of the request, up to its end or the connection's. */
static void receive_answer(int fd, char *answer)
{
    static unsigned char content[65535 + 255];
    unsigned char header[FCGI_HEADER_LEN];
    size_t used = 0;
    while (receive(fd, header, sizeof header)) {
        size_t length = (size_t)header[4] << 8 | header[5];
        if (!receive(fd, content, length + header[6]) || header[1] == FCGI_END_REQUEST) {
            break;
        }
        if (header[1] == FCGI_STDOUT && used + length < ANSWER_MAX) {
            memcpy(answer + used, content, length);
            used += length;
        }
    }
    answer[used] = '\0';
}

void worker_ask(const struct worker *worker, const char *token, struct outcome *outcome)
{
    static const FCGI_BeginRequestBody begin = {.roleB0 = FCGI_RESPONDER};
    static unsigned char params[32768];
    static unsigned char request[sizeof params + 1024];
    char authorization[20000];
    char rest[256];
    *outcome = (struct outcome){0};
    (void)snprintf(authorization, sizeof authorization, "Bearer %s", token);
    size_t length = put_param(params, "REQUEST_METHOD", "GET");
    length += put_param(params + length, "PATH_INFO", "/private");
    length += put_param(params + length, "HTTP_AUTHORIZATION", authorization);
    size_t used = put_record(request, FCGI_BEGIN_REQUEST, &begin, sizeof begin);
    used += put_record(request + used, FCGI_PARAMS, params, length);
    used += put_record(request + used, FCGI_PARAMS, "", 0);
    used += put_record(request + used, FCGI_STDIN, "", 0);
    next_tick();
    int fd CLEANUP(cleanup_fd) = connect_to(worker->socket);
    if (fd < 0 || send(fd, request, used, MSG_NOSIGNAL) != (ssize_t)used) {
        return;
    }
    receive_answer(fd, outcome->answer);
    if (strncmp(outcome->answer, "Status: ", 8) == 0) {
        outcome->status = (unsigned)strtoul(outcome->answer + 8, NULL, 10);
    }
    while (recv(fd, rest, sizeof rest, 0) >
           0) { /* the worker closes the connection, then it is done */
    }
}
