/* SPDX-License-Identifier: MIT */
/* See failing.h. The program's own functions, or those of a library that is loaded first, come
 * before all others', so libraries call them too. Under AddressSanitizer they hand on to that
 * one's. */
#undef _FORTIFY_SOURCE /* the plain functions stand here, not what checks before it calls them */

#include "failing.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What each kind fails with. */
static const int errors[FAILING__MAX] = {
    [FAILING_MEMORY] = ENOMEM, [FAILING_LIBRARIES] = ENOMEM, [FAILING_OPEN] = EMFILE,
    [FAILING_READ] = EIO,      [FAILING_WRITE] = ENOSPC,     [FAILING_SYNC] = EIO,
    [FAILING_RENAME] = EIO,    [FAILING_UNLINK] = EIO,       [FAILING_STAT] = EIO,
    [FAILING_LOCK] = ENOLCK,   [FAILING_SPACE] = ENOSPC,     [FAILING_CLOSE] = EIO,
    [FAILING_COPY] = EMFILE,   [FAILING_SPAWN] = EAGAIN,     [FAILING_POLL] = EINVAL,
    [FAILING_CLOCK] = EINVAL,
};

static struct failing own = {.started = true};
struct failing *failing = &own;

/* They are called before the sanitizers are ready. */
#define PLAIN __attribute__((no_sanitize("address", "undefined")))

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

/* The libraries whose allocations are a kind of their own. */
static const char *const apart[] = {"/libgnutls.", "/libgmp.",     "/libnettle.",  "/libhogweed.",
                                    "/libtasn1.",  "/libp11-kit.", "/libidn2.",    "/libunistring.",
                                    "/libfcgi.",   "/libcurl",     "/libnghttp2.", "/libcrypto."};

#define RANGES_MAX 32

/* Where they lie. */
static struct {
    uintptr_t start, end;
} ranges[RANGES_MAX];
static size_t range_count;

PLAIN static int add_range(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
        if (strstr(info->dlpi_name, apart[i]) == NULL) {
            continue;
        }
        for (int j = 0; j < info->dlpi_phnum; j++) {
            const ElfW(Phdr) *part = &info->dlpi_phdr[j];
            if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0 &&
                range_count < RANGES_MAX) {
                ranges[range_count].start = info->dlpi_addr + part->p_vaddr;
                ranges[range_count++].end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
            }
        }
    }
    return 0;
}

PLAIN static bool is_apart(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    if (range_count == 0) {
        (void)dl_iterate_phdr(add_range, NULL);
    }
    for (size_t i = 0; i < range_count; i++) {
        if (at >= ranges[i].start && at < ranges[i].end) {
            return true;
        }
    }
    return false;
}

PLAIN static void note_where(const void *caller)
{
    Dl_info info;
    if (failing->where[0] == '\0' && dladdr(caller, &info) != 0 && info.dli_fname != NULL) {
        const char *name = strrchr(info.dli_fname, '/');
        int saved = errno;
        (void)snprintf(failing->where, sizeof failing->where, "%s %s+0x%lx",
                       name != NULL ? name + 1 : info.dli_fname,
                       info.dli_sname != NULL ? info.dli_sname : "",
                       (unsigned long)((uintptr_t)caller - (uintptr_t)info.dli_fbase));
        errno = saved;
    }
}

/* Counts a call of this kind; true, with errno, if it is to fail. */
PLAIN static bool fails(enum failing_kind kind, const void *caller)
{
    if (failing->kind != kind || !failing->started) {
        return false;
    }
    unsigned long call = __atomic_add_fetch(&failing->calls, 1, __ATOMIC_RELAXED);
    if (failing->nth == 0 || (failing->onwards ? call < failing->nth : call != failing->nth)) {
        return false;
    }
    note_where(caller);
    errno = errors[kind];
    return true;
}

/* The same for an allocation. */
PLAIN static bool fails_memory(const void *caller)
{
    bool counts = failing->kind == FAILING_MEMORY || failing->kind == FAILING_LIBRARIES;
    return counts && fails(is_apart(caller) ? FAILING_LIBRARIES : FAILING_MEMORY, caller);
}

#define FAILS(kind)    fails((kind), __builtin_return_address(0))
#define FAILS_MEMORY() fails_memory(__builtin_return_address(0))

/* The function of this name that comes after ours. */
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

PLAIN static bool is_wire(int fd)
{
    struct stat status = {0};
    return (fd >= 0 && fd <= STDERR_FILENO) ||
           (NEXT(fstat)(fd, &status) == 0 && S_ISSOCK(status.st_mode));
}

/* The same for reading and writing. */
PLAIN static bool fails_on(enum failing_kind kind, int fd, const void *caller)
{
    if (!fails(kind, caller)) {
        return false;
    }
    failing->wire = failing->wire || is_wire(fd);
    errno = errors[kind];
    return true;
}

/* What a block takes; 0: nobody counts. */
PLAIN static long octets_of(void *block)
{
    return failing->counting && block != NULL ? (long)malloc_usable_size(block) + 8 : 0;
}

PLAIN static void count_octets(long octets)
{
    long now = __atomic_add_fetch(&failing->octets, octets, __ATOMIC_RELAXED);
    failing->most = now > failing->most ? now : failing->most;
}

PLAIN static void *counted(void *block)
{
    if (block != NULL) {
        __atomic_add_fetch(&failing->blocks, 1, __ATOMIC_RELAXED);
        count_octets(octets_of(block));
    }
    return block;
}

/* Libraries are to find what follows. */
#pragma GCC visibility push(default)

PLAIN void *malloc(size_t size)
{
    if (FAILS_MEMORY()) {
        return NULL;
    }
    return counted(__interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size));
}

PLAIN void *calloc(size_t count, size_t size)
{
    if (FAILS_MEMORY()) {
        return NULL;
    }
    return counted(__interceptor_calloc != NULL ? __interceptor_calloc(count, size)
                                                : __libc_calloc(count, size));
}

PLAIN void *realloc(void *block, size_t size)
{
    if (FAILS_MEMORY()) {
        return NULL;
    }
    const long before = octets_of(block);
    void *moved = __interceptor_realloc != NULL ? __interceptor_realloc(block, size)
                                                : __libc_realloc(block, size);
    if (block == NULL) {
        return counted(moved);
    }
    if (moved != NULL) {
        count_octets(octets_of(moved));
        count_octets(-before);
    }
    return moved;
}

PLAIN void free(void *block)
{
    if (block != NULL) {
        __atomic_sub_fetch(&failing->blocks, 1, __ATOMIC_RELAXED);
        count_octets(-octets_of(block));
    }
    if (__interceptor_free != NULL) {
        __interceptor_free(block);
    } else {
        __libc_free(block);
    }
}

PLAIN static char *copy_of(const char *text, size_t length)
{
    char *copy = counted(__interceptor_malloc != NULL ? __interceptor_malloc(length + 1)
                                                      : __libc_malloc(length + 1));
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

/* AddressSanitizer's would not call malloc(), glibc's would as somebody else. */
PLAIN char *strdup(const char *text)
{
    return FAILS_MEMORY() ? NULL : copy_of(text, strlen(text));
}

PLAIN char *strndup(const char *text, size_t size)
{
    return FAILS_MEMORY() ? NULL : copy_of(text, strnlen(text, size));
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return FAILS(FAILING_OPEN) ? -1 : NEXT(open)(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return FAILS(FAILING_OPEN) ? -1 : NEXT(openat)(dir, path, flags, mode);
}

ssize_t read(int fd, void *buffer, size_t size)
{
    return fails_on(FAILING_READ, fd, __builtin_return_address(0)) ? -1
                                                                   : NEXT(read)(fd, buffer, size);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    return FAILS(FAILING_READ) ? -1 : NEXT(pread)(fd, buffer, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return fails_on(FAILING_WRITE, fd, __builtin_return_address(0)) ? -1
                                                                    : NEXT(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return FAILS(FAILING_WRITE) ? -1 : NEXT(pwrite)(fd, bytes, size, offset);
}

int fsync(int fd)
{
    return FAILS(FAILING_SYNC) ? -1 : NEXT(fsync)(fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return FAILS(FAILING_RENAME) ? -1 : NEXT(renameat)(from_dir, from, to_dir, to);
}

int unlinkat(int dir, const char *path, int flags)
{
    return FAILS(FAILING_UNLINK) ? -1 : NEXT(unlinkat)(dir, path, flags);
}

int stat(const char *path, struct stat *status)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(stat)(path, status);
}

int fstat(int fd, struct stat *status)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(fstat)(fd, status);
}

int lstat(const char *path, struct stat *status)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(lstat)(path, status);
}

int fstatat(int dir, const char *path, struct stat *status, int flags)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(fstatat)(dir, path, status, flags);
}

int access(const char *path, int mode)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(access)(path, mode);
}

ssize_t readlink(const char *path, char *target, size_t size)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(readlink)(path, target, size);
}

ssize_t readlinkat(int dir, const char *path, char *target, size_t size)
{
    return FAILS(FAILING_STAT) ? -1 : NEXT(readlinkat)(dir, path, target, size);
}

int flock(int fd, int operation)
{
    return FAILS(FAILING_LOCK) ? -1 : NEXT(flock)(fd, operation);
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
    return FAILS(FAILING_SPACE) ? errors[FAILING_SPACE] : NEXT(posix_fallocate)(fd, offset, length);
}

int mkdir(const char *path, mode_t mode)
{
    return FAILS(FAILING_SPACE) ? -1 : NEXT(mkdir)(path, mode);
}

int close(int fd)
{
    int result = NEXT(close)(fd);
    return FAILS(FAILING_CLOSE) ? -1 : result;
}

int pipe2(int ends[2], int flags)
{
    return FAILS(FAILING_COPY) ? -1 : NEXT(pipe2)(ends, flags);
}

int eventfd(unsigned count, int flags)
{
    return FAILS(FAILING_COPY) ? -1 : NEXT(eventfd)(count, flags);
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *); /* or a number, in the same place */
    va_end(args);
    bool may_fail = command == F_DUPFD_CLOEXEC || command == F_DUPFD || command == F_SETFL;
    return may_fail && FAILS(FAILING_COPY) ? -1 : NEXT(fcntl)(fd, command, argument);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
    return FAILS(FAILING_SPAWN)
               ? errors[FAILING_SPAWN]
               : NEXT(posix_spawn)(pid, path, actions, attributes, argv, environment);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    const void *caller = __builtin_return_address(0);
    if (!fails(FAILING_POLL, caller)) {
        return NEXT(poll)(fds, count, timeout);
    }
    failing->wire = failing->wire || is_apart(caller); /* it waits for a request */
    errno = errors[FAILING_POLL];
    return -1;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return FAILS(FAILING_POLL) ? -1 : NEXT(waitpid)(pid, status, options);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    return FAILS(FAILING_CLOCK) ? -1 : NEXT(clock_gettime)(clock, time);
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    return FAILS(FAILING_CLOCK) ? -1 : NEXT(getrandom)(buffer, size, flags);
}
