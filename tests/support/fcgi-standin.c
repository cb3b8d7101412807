/* SPDX-License-Identifier: MIT */
/* As much of libfcgi as build-aux/fcgi-lengths.c asks, with the arithmetic of its params; FAULT: as
 * it was before 2.4.5, without Debian's patch. */
#include <fcgiapp.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

int FCGX_Init(void)
{
    return 0;
}

int FCGX_InitRequest(FCGX_Request *request, int socket, int flags)
{
    (void)flags;
    request->listen_sock = socket;
    return 0;
}

static int length_at(const unsigned char *at)
{
    return (at[0] & 0x7f) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

int FCGX_Accept_r(FCGX_Request *request)
{
    static unsigned char bytes[8192];
    ssize_t got = read(request->ipcFd, bytes, sizeof bytes);
    const int name = length_at(bytes + 24);
    const int value = length_at(bytes + 28);
#ifndef FAULT
    if (name >= INT_MAX || value >= INT_MAX) {
        return -1;
    }
#endif
    unsigned char *both = malloc((unsigned)name + (unsigned)value + 2);
    for (ssize_t i = 32; both != NULL && i < got; i++) {
        both[i - 32] = bytes[i];
    }
    free(both);
    return 0;
}
