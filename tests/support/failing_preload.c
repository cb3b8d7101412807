/* SPDX-License-Identifier: MIT */
/* failing.so, for LD_PRELOAD: with failing.c, in any program. $FAILING names a file of at least
 * sizeof(struct failing) octets, which the program shares with whoever tells it what to do. Without
 * it nothing fails. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "failing.h"

#define DESCRIPTORS_MAX 256

static int (*program)(int argc, char **argv, char **environment);

/* Before the constructors of other libraries, even libc's (-z initfirst), so there is no getenv()
 * yet; the arguments are glibc's. */
__attribute__((constructor)) static void share(int argc, char **argv, char **environment)
{
    static const char name[] = "FAILING=";
    const char *path = NULL;
    (void)argc;
    (void)argv;
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, sizeof name - 1) == 0) {
            path = *environment + sizeof name - 1;
        }
    }
    int fd = path != NULL ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    void *shared = MAP_FAILED;
    if (fd >= 0) {
        shared = mmap(NULL, sizeof *failing, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void)syscall(SYS_close, fd);
    }
    if (shared != MAP_FAILED) {
        failing = shared;
        failing->started = false;
    }
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
        count += syscall(SYS_fcntl, fd, F_GETFD) != -1;
    }
    return count;
}

/* glibc's own, uncounted. */
void *__libc_malloc(size_t size);
void __libc_free(void *block);

#define PAGE 4096

/* A list of blocks of one size, as many as there were. */
struct eaten {
    struct eaten *next;
};

static struct eaten *eat(size_t size)
{
    struct eaten *list = NULL;
    for (struct eaten *block; (block = __libc_malloc(size)) != NULL; list = block) {
        block->next = list;
    }
    return list;
}

/* No memory from the kernel, none left of what it gave before, but so many pages in one piece. */
static void leave_pages(unsigned long count)
{
    const struct rlimit limit = {.rlim_cur = PAGE,
                                 .rlim_max = RLIM_INFINITY}; /* none is no limit: Linux */
    (void)setrlimit(RLIMIT_DATA, &limit);
    struct eaten *pages = eat(PAGE - sizeof(size_t));
    for (size_t size = PAGE / 2; size >= sizeof(size_t) * 2; size /= 2) {
        (void)eat(size);
    }
    for (; count > 0 && pages != NULL; count--) {
        struct eaten *next = pages->next;
        __libc_free(pages);
        pages = next;
    }
}

static int run(int argc, char **argv, char **environment)
{
    (void)getpwuid(geteuid()); /* what libc keeps of its name service, it keeps for good: no loss */
    failing->started = true;
    if (failing->kind == FAILING_PAGES && failing->nth != 0 && failing->nth <= FAILING_PAGES_MAX) {
        leave_pages(failing->nth - 1);
        failing->calls = failing->nth;
    }
    int status = program(argc, argv, environment);
    failing->kind = FAILING_NOTHING;
    failing->descriptors = open_descriptors();
    failing->blocks_left = failing->blocks;
    failing->ended = true;
    return status;
}

__attribute__((visibility("default"))) int accept4(int fd, struct sockaddr *address,
                                                   socklen_t *length, int flags)
{
    __typeof__(&accept4) next = (__typeof__(&accept4))dlsym(RTLD_NEXT, "accept4");
    failing->descriptors = open_descriptors();
    failing->accepting = true;
    int accepted = next(fd, address, length, flags);
    failing->accepting = false;
    return accepted;
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

/* Called by each program to have its main() called. */
__attribute__((visibility("default"))) int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                  void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    __typeof__(&__libc_start_main) next =
        (__typeof__(&__libc_start_main))dlsym(RTLD_NEXT, "__libc_start_main");
    program = main;
    return next(run, argc, argv, init, fini, rtld_fini, stack_end);
}
