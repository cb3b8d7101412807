/* Release of what a function owns when it returns, by whichever way (gcc and clang attribute). */
#ifndef BEARER_CLEANUP_H
#define BEARER_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void cleanup_free(void *variable)
{
    free(*(void **)variable);
}

static inline void cleanup_fd(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

/* Hands the pointer over: the caller of the function owns it from here on. */
static inline void *steal(void *variable)
{
    void **place = variable;
    void *taken = *place;
    *place = NULL;
    return taken;
}

#endif
