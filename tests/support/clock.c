/* SPDX-License-Identifier: MIT */
/* A clock that can be set, for the bats tests: preloaded into a program it moves the time of day by
 * as many seconds as the file $FB_CLOCK says (none: 0), each time anew. The monotonic clock goes
 * on, as it does when a clock is set; with $FB_CLOCK_STANDS it stands, and what waits for a while
 * waits for good. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static time_t offset(void)
{
    char text[32] = "";
    int saved = errno;
    const char *path = getenv("FB_CLOCK");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)!read(fd, text, sizeof text - 1);
        close(fd);
    }
    errno = saved;
    return (time_t)strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) {
        now->tv_sec += offset();
    }
    if (result == 0 && clock == CLOCK_MONOTONIC && getenv("FB_CLOCK_STANDS") != NULL) {
        *now = (struct timespec){.tv_sec = 1000000};
    }
    return result;
}

time_t time(time_t *now)
{
    struct timespec there = {0};
    clock_gettime(CLOCK_REALTIME, &there);
    if (now != NULL) {
        *now = there.tv_sec;
    }
    return there.tv_sec;
}
