/* SPDX-License-Identifier: MIT */
/* The names of the kinds, apart from failing.c for a program whose own calls are not to fail. */
#include "failing.h"

const char *const failing_kinds[FAILING__MAX] = {
    [FAILING_NOTHING] = "nothing", [FAILING_MEMORY] = "memory", [FAILING_LIBRARIES] = "libraries",
    [FAILING_OPEN] = "open",       [FAILING_READ] = "read",     [FAILING_WRITE] = "write",
    [FAILING_SYNC] = "sync",       [FAILING_RENAME] = "rename", [FAILING_UNLINK] = "unlink",
    [FAILING_STAT] = "stat",       [FAILING_LOCK] = "lock",     [FAILING_SPACE] = "space",
    [FAILING_CLOSE] = "close",     [FAILING_COPY] = "copy",     [FAILING_SPAWN] = "spawn",
    [FAILING_POLL] = "poll",       [FAILING_CLOCK] = "clock",   [FAILING_PAGES] = "pages",
};
