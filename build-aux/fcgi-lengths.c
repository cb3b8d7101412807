/* SPDX-License-Identifier: MIT */
/* Whether libfcgi survives a param whose name and value claim 0x7FFFFFFF octets each
 * (CVE-2025-23016): then int arithmetic makes 0 of what it wants to allocate, and what the peer
 * sends is written behind that. configure runs this against the libfcgi that it would build with:
 * exit status 0 if nothing was written where nothing was allocated. malloc() is ours: blocks lie
 * far apart, and what lies between them has to stay as it was. */
#include <fcgiapp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GAP    8192 /* more than the peer sends */
#define BLOCKS 256

struct block {
    unsigned char *at;
    size_t size;
};

static struct block blocks[BLOCKS];
static size_t count;
static _Alignas(16) unsigned char arena[8 * 1024 * 1024];
static size_t used;

void *malloc(size_t size)
{
    if (count == BLOCKS || size > sizeof arena || used + size + GAP > sizeof arena) {
        return NULL;
    }
    unsigned char *at = arena + used;
    blocks[count].at = at;
    blocks[count++].size = size;
    used += (size + GAP + 15) / 16 * 16;
    return at;
}

void free(void *block) /* nothing is used twice, so all of it is zero at first */
{
    (void)block;
}

void *calloc(size_t number, size_t size)
{
    const size_t least = size > 0 ? size : 1;
    return number > 0 && number <= sizeof arena / least ? malloc(number * least) : NULL;
}

void *realloc(void *block, size_t size)
{
    void *bigger = malloc(size);
    for (size_t i = 0; bigger != NULL && i < count; i++) {
        if (blocks[i].at == block) {
            memcpy(bigger, block, blocks[i].size < size ? blocks[i].size : size);
        }
    }
    return bigger;
}

static int untouched(void)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t gap = 0; gap < GAP; gap++) {
            if (blocks[i].at[blocks[i].size + gap] != 0) {
                return 0;
            }
        }
    }
    return 1;
}

int main(void)
{
    static unsigned char sent[16 + 8 + 4096] = {
        1, 1, 0, 1, 0,    8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, /* FCGI_BEGIN_REQUEST, as a responder */
        1, 4, 0, 1, 0x10, 0, 0, 0,                         /* FCGI_PARAMS, 4096 octets */
    };
    FCGX_Request request;
    int ends[2];
    memset(sent + 24, 'x', 4096);
    memset(sent + 24, 0xff, 8); /* the two lengths */
    alarm(10);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 ||
        write(ends[1], sent, sizeof sent) != (ssize_t)sizeof sent ||
        shutdown(ends[1], SHUT_WR) != 0 || FCGX_Init() != 0 ||
        FCGX_InitRequest(&request, -1, 0) != 0) {
        return 2;
    }
    request.ipcFd = ends[0];
    request.keepConnection = 1;
    (void)FCGX_Accept_r(&request);
    _exit(untouched() ? 0 : 1);
}
