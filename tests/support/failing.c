/* See failing.h. The program's own malloc() comes before any library's, so libraries call it too; under AddressSanitizer it
 * hands on to that one's. */
#include "failing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct failing own;
struct failing *failing = &own;

/* glibc's, under the names that are left. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

/* AddressSanitizer's, if it is there. */
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *block, size_t size) __attribute__((weak));
void __interceptor_free(void *block) __attribute__((weak));

/* They are called before the sanitizers are ready. */
#define PLAIN __attribute__((no_sanitize("address", "undefined")))

/* Counts a call of this kind; true if it is to fail. */
PLAIN static bool fails(enum failing_kind kind)
{
    if (failing->kind != kind) {
        return false;
    }
    unsigned long call = __atomic_add_fetch(&failing->calls, 1, __ATOMIC_RELAXED);
    return failing->nth != 0 && (failing->onwards ? call >= failing->nth : call == failing->nth);
}

PLAIN static void *counted(void *block)
{
    if (block != NULL) {
        __atomic_add_fetch(&failing->blocks, 1, __ATOMIC_RELAXED);
    }
    return block;
}

PLAIN static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

/* Libraries are to find what follows. */
#pragma GCC visibility push(default)

PLAIN void *malloc(size_t size)
{
    if (fails(FAILING_MEMORY)) {
        return no_memory();
    }
    return counted(__interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size));
}

PLAIN void *calloc(size_t count, size_t size)
{
    if (fails(FAILING_MEMORY)) {
        return no_memory();
    }
    return counted(__interceptor_calloc != NULL ? __interceptor_calloc(count, size)
                                                : __libc_calloc(count, size));
}

PLAIN void *realloc(void *block, size_t size)
{
    if (fails(FAILING_MEMORY)) {
        return no_memory();
    }
    void *moved =
        __interceptor_realloc != NULL ? __interceptor_realloc(block, size) : __libc_realloc(block, size);
    return block == NULL ? counted(moved) : moved;
}

PLAIN void free(void *block)
{
    if (block != NULL) {
        __atomic_sub_fetch(&failing->blocks, 1, __ATOMIC_RELAXED);
    }
    if (__interceptor_free != NULL) {
        __interceptor_free(block);
    } else {
        __libc_free(block);
    }
}

/* glibc's calls malloc(), AddressSanitizer's does not. */
PLAIN char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}
