/* SPDX-License-Identifier: MIT */
#include "keys/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/monotonic.h"

/* "2 WHEN SEEN SUM OUTCOME LOGGED REASON", padded with spaces, one newline. */
#define RECORD_SIZE 512
#define POLL_MS     10

static const char *flaw_of(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return "is not a regular file";
    }
    if (status.st_uid != geteuid()) {
        return "belongs to another user";
    }
    return status.st_nlink == 1 ? NULL : "has more than one link";
}

int attempt_open(int dir, const char *name, bool writable, struct diag *diag)
{
    const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd CLEANUP(cleanup_fd) = openat(dir, name, flags | O_RDWR | (writable ? O_CREAT : 0), 0600);
    if (fd < 0 && !writable && errno != ENOENT) {
        fd = openat(dir, name, flags | O_RDONLY);
    }
    if (fd < 0) {
        diag_set(diag, "the record %s in the cache directory cannot be opened: %s", name,
                 strerror(errno));
        return -1;
    }
    const char *flaw = flaw_of(fd);
    if (flaw != NULL) {
        diag_set(diag, "the record %s in the cache directory %s: remove it", name, flaw);
        return -1;
    }
    int error = writable ? posix_fallocate(fd, 0, RECORD_SIZE) : 0;
    if (error != 0) {
        diag_set(diag, "no room for the record %s in the cache directory: %s", name,
                 strerror(error));
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

/* By the clock, not by the number of pauses: on a busy machine each takes much longer than it
 * should. */
bool attempt_lock(int fd, int wait_ms, bool (*stopping)(void))
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    const int64_t end = monotonic_ms() + wait_ms;
    for (;;) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (errno != EWOULDBLOCK) { /* it does not wait, so nothing interrupts it */
            return false;
        }
        if (monotonic_ms() >= end || (stopping != NULL && stopping())) {
            errno = EWOULDBLOCK;
            return false;
        }
        nanosleep(&pause, NULL);
    }
}

void attempt_read(int fd, struct attempt *attempt)
{
    char text[RECORD_SIZE + 1];
    ssize_t n = pread(fd, text, RECORD_SIZE, 0);
    int logged = 0;
    unsigned outcome = 0;
    int at = 0;
    *attempt = (struct attempt){0};
    text[n > 0 ? n : 0] = '\0';
    if (strncmp(text, "2 ", 2) != 0 ||
        sscanf(text, "2 %" SCNd64 " %" SCNd64 " %" SCNu32 " %u %d %n", &attempt->when,
               &attempt->seen.when, &attempt->seen.sum, &outcome, &logged, &at) != 5 ||
        attempt->when < 0 || attempt->seen.when < 0 || outcome > ATTEMPT_UNSTORED) {
        *attempt = (struct attempt){0};
        return;
    }
    attempt->outcome = (enum attempt_outcome)outcome;
    attempt->logged = logged != 0;
    text[strcspn(text, "\n")] = '\0';
    size_t length = strlen(text);
    while (length > (size_t)at && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
    if ((size_t)at < length) {
        attempt_reason(attempt, text + at);
    }
}

bool attempt_write(int fd, const struct attempt *attempt)
{
    char text[RECORD_SIZE + 1];
    _Static_assert(sizeof attempt->reason + 80 < RECORD_SIZE, "the numbers and the reason fit");
    int n = snprintf(text, sizeof text, "2 %" PRId64 " %" PRId64 " %" PRIu32 " %u %d %s",
                     attempt->when, attempt->seen.when, attempt->seen.sum,
                     (unsigned)attempt->outcome, attempt->logged ? 1 : 0, attempt->reason);
    memset(text + n, ' ', (size_t)(RECORD_SIZE - n));
    text[RECORD_SIZE - 1] = '\n';
    return pwrite(fd, text, RECORD_SIZE, 0) == RECORD_SIZE;
}

bool sighting_confirms(struct sighting *sighting, uint32_t sum, int64_t now, int64_t cooldown)
{
    int64_t passed = now - sighting->when;
    if (sighting->when <= 0 || sighting->sum != sum || passed < 0) {
        *sighting = (struct sighting){.when = now, .sum = sum};
        return false;
    }
    return passed >= cooldown;
}

void attempt_reason(struct attempt *attempt, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && used < sizeof attempt->reason - 1; text++) {
        attempt->reason[used++] = *text >= 0x20 && *text <= 0x7e ? *text : '?';
    }
    attempt->reason[used] = '\0';
}
