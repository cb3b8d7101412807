/* SPDX-License-Identifier: MIT */
#include "keys/attempt.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"
#include "tempdir.h"

#define NAME     "record.lock"
#define STRANGER 12345 /* a uid that is nobody's */
#define SIZE     512   /* of a record */

static int dir = -1;
static struct diag diag;

static int opened(bool writable)
{
    diag_set(&diag, "%s", "");
    return attempt_open(dir, NAME, writable, &diag);
}

static int must_open(void)
{
    int fd = opened(true);
    if (fd < 0) {
        tempdir_bail(diag.text);
    }
    return fd;
}

static void refused(const char *why, const char *test)
{
    for (int writable = 0; writable <= 1; writable++) {
        int fd = opened(writable != 0);
        is_number(fd, -1, "%s: not opened%s", test, writable != 0 ? "" : ", to be read either");
        has(diag.text, "  and says why", NAME, why, NULL);
    }
    unlink(at(NAME));
    rmdir(at(NAME));
}

static void opening(void)
{
    struct stat st;
    is_number(opened(false), -1, "a record that is missing is not made to be read");
    has(diag.text, "  which is said", NAME, "No such file", NULL);
    umask(0);
    int fd = must_open();
    umask(022);
    ok(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == SIZE,
       "it is made: 0600, all of its size");
    ok((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "for us alone");
    close(fd);
    unlink(at(NAME));
    put_bytes(at("elsewhere"), "2 5 0 0 2 0 ", 12, 0600);
    ok(symlink(at("elsewhere"), at(NAME)) == 0, "a link:");
    refused("symbolic links", "a link");
    ok(link(at("elsewhere"), at(NAME)) == 0, "a hard link:");
    refused("more than one link", "a hard link");
    ok(mkfifo(at(NAME), 0600) == 0, "a FIFO:");
    alarm(20); /* should it wait for the other end */
    refused("not a regular file", "a FIFO");
    alarm(0);
    make_directory(at(NAME), 0700);
    refused("in the cache directory", "a directory");
    ok(stat(at("elsewhere"), &st) == 0 && st.st_size == 12, "what the links led to is as it was");
}

static void of_others(void)
{
    if (!needs_root("a record of another user")) {
        return;
    }
    struct attempt attempt = {.when = 7, .outcome = ATTEMPT_SUCCEEDED};
    int fd = must_open();
    ok(fchown(fd, STRANGER, STRANGER) == 0 && attempt_write(fd, &attempt), "another user's record");
    close(fd);
    is_number(opened(true), -1, "is not opened");
    has(diag.text, "  and says why", "belongs to another user", "remove it", NULL);
    become(STRANGER);
    fd = opened(true);
    ok(fd >= 0, "but by that user");
    ok(fchmod(fd, 0400) == 0, "  and read-only");
    close(fd);
    is_number(opened(true), -1, "  not for writing");
    fd = opened(false);
    ok(fd >= 0, "  but for reading");
    attempt_read(fd, &attempt);
    is_number(attempt.when, 7, "  what is in it");
    ok(!attempt_write(fd, &attempt), "  and cannot be stamped");
    ok(attempt_lock(fd, 0, NULL), "  but locked");
    close(fd);
    become(0);
    unlink(at(NAME));
    become(STRANGER);
    is_number(opened(true), -1, "where it cannot be made");
    has(diag.text, "  that is said", "Permission denied", NULL);
    become(0);
}

/* What is written is read, also by others. */
static void round_trip(void)
{
    static const struct attempt cases[] = {
        {.when = 0, .outcome = ATTEMPT_NONE},
        {.when = 1, .outcome = ATTEMPT_RUNNING},
        {.when = 1700000000, .outcome = ATTEMPT_SUCCEEDED},
        {.when = 4102444800,
         .outcome = ATTEMPT_SUCCEEDED}, /* the year 2100, from now on the future */
        {.when = INT64_MAX, .outcome = ATTEMPT_FAILED, .logged = true, .reason = "x"},
        {.when = 1700000000,
         .outcome = ATTEMPT_FAILED,
         .reason = "https://x/: the server answered 404"},
        {.when = 1700000000,
         .outcome = ATTEMPT_FAILED,
         .logged = true,
         .reason = "%s %n \"quoted\" \\"},
        {.when = 1700000000, .outcome = ATTEMPT_FAILED},
        {.when = 1700000000,
         .seen = {1699999990, UINT32_MAX},
         .outcome = ATTEMPT_FAILED,
         .reason = "seen"},
        {.when = 1, .seen = {INT64_MAX, 1}, .outcome = ATTEMPT_SUCCEEDED, .reason = "said of it"},
    };
    struct stat before;
    struct stat after;
    int fd = must_open();
    int other = opened(false);
    fstat(fd, &before);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct attempt got;
        ok(attempt_write(fd, &cases[i]), "record %zu is written", i + 1);
        attempt_read(other, &got);
        ok(got.when == cases[i].when && got.outcome == cases[i].outcome &&
               got.logged == cases[i].logged && got.seen.when == cases[i].seen.when &&
               got.seen.sum == cases[i].seen.sum,
           "  and read: when, what was seen, outcome, logged");
        is_string(got.reason, cases[i].reason, "  the reason");
    }
    ok(stat(at(NAME), &after) == 0 && after.st_ino == before.st_ino && after.st_size == SIZE &&
           after.st_blocks == before.st_blocks,
       "it is overwritten in place and takes no more room");
    close(fd);
    close(other);
}

static void reasons(void)
{
    struct attempt attempt = {.when = 5, .outcome = ATTEMPT_FAILED};
    struct attempt got;
    char longest[900];
    int fd = must_open();
    attempt_reason(&attempt, "one\r\ntwo\t\x1b[31m\x7f caf\xc3\xa9");
    is_string(attempt.reason, "one??two??[31m? caf??", "a reason is printable");
    memset(longest, 'r', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    attempt_reason(&attempt, longest);
    is_number(strlen(attempt.reason), 400, "and cut to fit");
    attempt.when = INT64_MAX;
    attempt.seen = (struct sighting){INT64_MAX, UINT32_MAX};
    attempt.logged = true;
    ok(attempt_write(fd, &attempt), "the longest record fits");
    attempt_read(fd, &got);
    is_string(got.reason, attempt.reason, "and is whole");
    attempt_reason(&attempt, "");
    is_string(attempt.reason, "", "none");
    attempt_write(fd, &attempt);
    attempt_read(fd, &got);
    is_string(got.reason, "", "it leaves nothing of the longer one before it");
    close(fd);
}

static struct attempt read_from(const void *bytes, size_t length)
{
    struct attempt got = {
        .when = 9, .outcome = ATTEMPT_SUCCEEDED, .logged = true, .reason = "not touched"};
    put_bytes(at(NAME), bytes, length, 0600);
    int fd = open(at(NAME), O_RDONLY | O_CLOEXEC);
    attempt_read(fd, &got);
    close(fd);
    return got;
}

static bool is_none(const struct attempt *attempt)
{
    return attempt->when == 0 && attempt->outcome == ATTEMPT_NONE && !attempt->logged &&
           attempt->reason[0] == '\0';
}

static void garbage(void)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "2",
                                      "2 ",
                                      "2 5",
                                      "2 5 0 0 2",
                                      "1 5 2 0 ",
                                      "3 5 0 0 2 0",
                                      "22 5 0 0 1 0",
                                      "x 5 0 0 2 0",
                                      "2 -5 0 0 2 0",
                                      "2 5 -5 0 2 0",
                                      "2 5 0 x 2",
                                      "2 5 x 0 2 0",
                                      "2 5 0 0 5 0",
                                      "2 5 0 0 -1 0",
                                      "2 x 0 0 2 0",
                                      "2 5 0 0 x 0",
                                      "2 5 0 0 2 x",
                                      "25 0 0 2 0 0",
                                      "\n2 5 0 0 2 0 ",
                                      "{\"v\":1}\n",
                                      "2\t5\t0\t0\t2\t0"};
    unsigned char octets[1000];
    unsigned differ = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct attempt got = read_from(bad[i], strlen(bad[i]));
        ok(is_none(&got), "garbage %zu is no record", i + 1);
    }
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(octets, (int)fill, sizeof octets);
        struct attempt got = read_from(octets, sizeof octets);
        differ += is_none(&got) ? 0 : 1;
    }
    is_number(differ, 0, "nor is one octet a thousand times");
    memset(octets, 'r', sizeof octets);
    memcpy(octets, "2 5 4 7 3 0 ", 12);
    struct attempt got = read_from(octets, sizeof octets);
    ok(got.when == 5 && got.seen.when == 4 && got.seen.sum == 7 && got.outcome == ATTEMPT_FAILED &&
           strlen(got.reason) == 400,
       "without an end it is cut");
    got = read_from("2 5 0 0 3 0 a\x1b\xff\nrest", 20);
    is_string(got.reason, "a??", "a reason is made printable again, and ends with the line");
    got = read_from("2 5 0 0 3 0 a\0b     ", 20);
    is_string(got.reason, "a", "or with a NUL");
    got = read_from("2 5 0 0 3 0", 11);
    ok(got.when == 5 && got.outcome == ATTEMPT_FAILED && got.reason[0] == '\0',
       "one cut off before the reason has none");
    got = read_from("2 99999999999999999999999 0 0 2 0 ", 34);
    ok(is_none(&got) || got.when == INT64_MAX, "a time out of range is none, or the end of time");
    attempt_read(-1, &got);
    ok(is_none(&got), "what cannot be read is none");
    unlink(at(NAME));
}

/* What it takes to believe that an issuer has no keys any more. */
static void sightings(void)
{
    static const struct {
        const char *name;
        struct sighting before;
        uint32_t sum;
        int64_t now;
        bool confirms;
        int64_t when; /* of the first sighting afterwards */
    } rows[] = {
        {"D4: the first", {0, 0}, 7, 1000, false, 1000},
        {"D4: a second one, too early", {1000, 7}, 7, 1029, false, 1000},
        {"D4: a second one, a cooldown later", {1000, 7}, 7, 1030, true, 1000},
        {"D4: a third one", {1000, 7}, 7, 9000, true, 1000},
        {"D4: another document", {1000, 7}, 8, 1030, false, 1030},
        {"D4: none before, and the same sum by chance", {0, 7}, 7, 1030, false, 1030},
        {"D4: one before in what is the future by now", {2000, 7}, 7, 1030, false, 1030},
        {"D4: one from before the clock", {-5, 7}, 7, 1030, false, 1030},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sighting sighting = rows[i].before;
        ok(sighting_confirms(&sighting, rows[i].sum, rows[i].now, 30) == rows[i].confirms &&
               sighting.when == rows[i].when && sighting.sum == rows[i].sum,
           "%s", rows[i].name);
    }
}

/* A full disk, as RLIMIT_FSIZE has it. */
static void no_room(void)
{
    struct rlimit before;
    const struct attempt attempt = {.when = 5, .outcome = ATTEMPT_RUNNING};
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = {.rlim_cur = SIZE / 2, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int none = opened(true);
    setrlimit(RLIMIT_FSIZE, &before);
    is_number(none, -1, "a record there is no room for is not opened");
    has(diag.text, "  and says why", "no room for the record", NULL);
    int fd = must_open();
    setrlimit(RLIMIT_FSIZE, &small);
    bool written = attempt_write(fd, &attempt);
    setrlimit(RLIMIT_FSIZE, &before);
    ok(!written, "one that cannot be written whole is not stamped");
    signal(SIGXFSZ, SIG_DFL);
    close(fd);
}

static int64_t milliseconds(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static unsigned asked;
static int to_close = -1;

static bool stop_at_third(void)
{
    return ++asked == 3;
}

/* The one that holds the lock lets go while somebody waits for it. */
static bool let_go(void)
{
    if (to_close >= 0) {
        close(to_close);
        to_close = -1;
    }
    return false;
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
}

/* Pauses that are cut short, as others are drawn out on a busy machine. */
static bool waits_by_the_clock(int fd)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval often = {.it_interval = {.tv_usec = 1000},
                                    .it_value = {.tv_usec = 1000}};
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    int64_t start = milliseconds();
    bool locked = attempt_lock(fd, 300, NULL);
    int64_t passed = milliseconds() - start;
    setitimer(ITIMER_REAL, &never, NULL);
    return !locked && passed >= 300;
}

static void locking(void)
{
    int one = must_open();
    int two = must_open();
    int reader = opened(false);
    ok(attempt_lock(one, 0, NULL), "the lock is free");
    ok(attempt_lock(one, 0, NULL), "who has it has it");
    ok(!attempt_lock(two, 0, NULL) && !attempt_lock(reader, 0, NULL), "and nobody else");
    int64_t start = milliseconds();
    ok(!attempt_lock(two, 100, NULL), "nor by waiting");
    ok(milliseconds() - start >= 100, "  as long as was said");
    ok(waits_by_the_clock(two), "  by the clock, however long its pauses are");
    asked = 0;
    ok(!attempt_lock(two, INT_MAX, stop_at_third) && asked == 3, "  or until it is to stop");
    to_close = one;
    ok(attempt_lock(two, 20000, let_go), "it is taken by the one that waits when it becomes free");
    ok(!attempt_lock(reader, 0, NULL), "and not by two");
    close(two);
    ok(attempt_lock(reader, 0, NULL), "closing gives it back");
    close(reader);
    int bad = open("/", O_PATH | O_CLOEXEC);
    ok(!attempt_lock(bad, INT_MAX, NULL), "what cannot be locked is not waited for");
    close(bad);
}

/* The lock goes with the descriptor to a child and lives until the last copy is closed. */
static void across_fork(void)
{
    int go[2];
    int fd = must_open();
    int other = must_open();
    if (pipe2(go, O_CLOEXEC) != 0 || !attempt_lock(fd, 0, NULL)) {
        tempdir_bail("pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        char c;
        alarm(60);
        close(go[1]);
        (void)!read(go[0], &c, 1); /* until the parent says so */
        _exit(0);
    }
    close(go[0]);
    close(fd);
    ok(!attempt_lock(other, 0, NULL), "the child holds it when the parent has closed its copy");
    ok(!attempt_lock(other, 30, NULL), "for as long as it runs");
    close(go[1]);
    ok(attempt_lock(other, 20000, NULL), "it is free when the child has ended");
    waitpid(child, NULL, 0);
    child = fork();
    if (child == 0) {
        int mine = attempt_open(dir, NAME, true, NULL);
        _exit(mine >= 0 && attempt_lock(mine, 0, NULL) ? 1 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    is_number(status, 0, "a child that opens the record for itself does not get it");
    close(other);
}

int main(void)
{
    tempdir_make();
    dir = open(tempdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    opening();
    of_others();
    round_trip();
    reasons();
    garbage();
    sightings();
    no_room();
    locking();
    across_fork();
    close(dir);
    return tap_done();
}
