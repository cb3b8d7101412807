/* SPDX-License-Identifier: MIT */
/* Connecting to a FastCGI program, for the web servers of a few lines. */
#ifndef FCGI_CONNECT_H
#define FCGI_CONNECT_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>

/* `where`: the path of a Unix socket, or, all digits, a TCP port of 127.0.0.1. Ends the process if
 * nobody is there. `receive_buffer`: octets, 0 for the usual. */
static int fcgi_connect(const char *where, int receive_buffer)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const bool tcp = where[strspn(where, "0123456789")] == '\0';
    if (strlen(where) >= sizeof un.sun_path) {
        fprintf(stderr, "%s: %s\n", where, strerror(ENAMETOOLONG));
        exit(EX_USAGE);
    }
    memcpy(un.sun_path, where, strlen(where) + 1);
    in.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
    int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    if (fd < 0 || (tcp ? connect(fd, (const struct sockaddr *)&in, sizeof in)
                       : connect(fd, (const struct sockaddr *)&un, sizeof un)) != 0) {
        fprintf(stderr, "%s: %s\n", where, strerror(errno));
        exit(EX_UNAVAILABLE);
    }
    return fd;
}

#endif
