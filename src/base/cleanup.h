/* SPDX-License-Identifier: MIT */
/* Release of what a function owns when it returns, by whichever way (gcc and clang attribute). */
#ifndef FB_BASE_CLEANUP_H
#define FB_BASE_CLEANUP_H

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

/* Hands the pointer in the variable over: the caller of the function owns it from here on, the
 * variable is NULL. */
#define steal(variable)                               \
    __extension__({                                   \
        __typeof__(*(variable)) taken_ = *(variable); \
        *(variable) = NULL;                           \
        taken_;                                       \
    })

#endif
