/* SPDX-License-Identifier: MIT */
/* The record of the last refresh, which somebody else may have written. What must hold: what is
 * read can be written, and then reads the same, but for spaces at the end of a reason that was cut
 * there: the record is padded with spaces. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "keys/attempt.h"

static void trim(char *text)
{
    for (size_t length = strlen(text); length > 0 && text[length - 1] == ' '; length--) {
        text[length - 1] = '\0';
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    struct attempt attempt;
    struct attempt again;
    if (file < 0) {
        file = memfd_create("record", MFD_CLOEXEC);
    }
    must_hold(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size,
              "a file to read");
    attempt_read(file, &attempt);
    must_hold(attempt.when >= 0 && attempt.seen.when >= 0 && attempt.outcome <= ATTEMPT_UNSTORED,
              "a time and an outcome");
    must_hold(attempt.reason[0] == '\0' || is_message(attempt.reason), "a reason for a log");
    must_hold(attempt_write(file, &attempt), "what was read can be written");
    attempt_read(file, &again);
    trim(attempt.reason);
    must_hold(attempt.when == again.when && attempt.outcome == again.outcome &&
                  attempt.seen.when == again.seen.when && attempt.seen.sum == again.seen.sum &&
                  attempt.logged == again.logged && strcmp(attempt.reason, again.reason) == 0,
              "and reads the same");
    return 0;
}
