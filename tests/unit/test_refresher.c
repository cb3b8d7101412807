/* SPDX-License-Identifier: MIT */
/* This program plays bearerctl too: started as "refresh" it does what MODE in its environment
 * says. */
#include "keys/refresher.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "keys/attempt.h"
#include "tap.h"
#include "tempdir.h"

#define DEADLINE_MS 30000 /* when something hangs */

extern char **environ;

static char self[PATH_MAX];

static int64_t milliseconds(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* --- the child */

static void report_descriptors(void)
{
    DIR *fds = opendir("/proc/self/fd");
    for (const struct dirent *entry = readdir(fds); entry != NULL; entry = readdir(fds)) {
        char target[PATH_MAX];
        int fd = atoi(entry->d_name);
        ssize_t n = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);
        if (n > 0 && fd != dirfd(fds)) {
            target[n] = '\0';
            target[strcspn(target, ":")] = '\0'; /* of "pipe:[number]" */
            dprintf(REFRESHER_RESULT_FD, "fd %d %s %s\n", fd, target,
                    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? "r" : "w");
        }
    }
    closedir(fds);
}

static void report_signals(void)
{
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        /* Handlers end with exec; those that are there again are a sanitizer's. */
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            dprintf(REFRESHER_RESULT_FD, "signal %d is ignored\n", number);
        }
        if (sigismember(&blocked, number) == 1) {
            dprintf(REFRESHER_RESULT_FD, "signal %d is blocked\n", number);
        }
    }
}

/* As it was given: what ./dev coverage builds in adds to `environ`. */
static void report_environment(void)
{
    char given[4096];
    int fd = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, given, sizeof given - 1);
    close(fd);
    given[length > 0 ? length : 0] = '\0';
    for (ssize_t i = 0; i < length; i += (ssize_t)strlen(given + i) + 1) {
        dprintf(REFRESHER_RESULT_FD, "variable %s\n", given + i);
    }
}

static void report(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        dprintf(REFRESHER_RESULT_FD, "argument %s\n", argv[i]);
    }
    report_environment();
    report_descriptors();
    report_signals();
    dprintf(REFRESHER_RESULT_FD, "session %s\n", getsid(0) == getpid() ? "own" : "inherited");
}

static void flood(size_t bytes)
{
    char block[4096];
    memset(block, 'f', sizeof block);
    while (bytes > 0) {
        size_t n = bytes < sizeof block ? bytes : sizeof block;
        ssize_t written = write(REFRESHER_RESULT_FD, block, n);
        if (written < 0) {
            return;
        }
        bytes -= (size_t)written;
    }
}

/* Each of them is to arrive for itself. */
static void pieces(int count)
{
    for (int i = 0; i < count; i++) {
        dprintf(REFRESHER_RESULT_FD, "p");
        pause_ms(3);
    }
}

/* Until the file of that name is there. */
static void hold(const char *name)
{
    for (int64_t end = milliseconds() + DEADLINE_MS;
         access(name, F_OK) != 0 && milliseconds() < end;) {
        pause_ms(5);
    }
}

static int play_bearerctl(int argc, char **argv)
{
    const char *mode = getenv("MODE");
    signal(SIGPIPE, SIG_IGN);
    if (mode == NULL) {
        return 1;
    }
    if (strncmp(mode, "flood ", 6) == 0) {
        flood((size_t)atol(mode + 6));
    } else if (strncmp(mode, "pieces ", 7) == 0) {
        pieces(atoi(mode + 7));
    } else if (strncmp(mode, "hold ", 5) == 0) {
        hold(mode + 5);
        dprintf(REFRESHER_RESULT_FD, "released");
    } else if (strncmp(mode, "closed ", 7) == 0) {
        close(REFRESHER_RESULT_FD);
        hold(mode + 7);
    } else {
        signal(SIGPIPE, SIG_DFL);
        report(argc, argv);
    }
    return 0;
}

/* --- the tests */

static struct refresher child;
static struct diag diag;

static bool start(const char *mode, int lock)
{
    char variable[PATH_MAX + 16];
    char language[] = "LANG=C.UTF-8";
    char *environment[] = {language, variable, NULL};
    snprintf(variable, sizeof variable, "MODE=%s", mode);
    diag_set(&diag, "%s", "");
    bool started = refresher_start(self, environment, lock, false, &child, &diag);
    if (!started) {
        printf("# %s\n", diag.text);
    }
    return started;
}

/* What the child sent, NUL-terminated; until the next call. */
static const char *result(void)
{
    static char text[16384];
    size_t length = child.text.length < sizeof text - 1 ? child.text.length : sizeof text - 1;
    memcpy(text, child.text.bytes != NULL ? child.text.bytes : "",
           child.text.bytes != NULL ? length : 0);
    text[length] = '\0';
    return text;
}

/* Lines that begin with this. */
static unsigned lines(const char *text, const char *prefix)
{
    unsigned count = 0;
    for (const char *line = text; line != NULL && *line != '\0';) {
        count += strncmp(line, prefix, strlen(prefix)) == 0 ? 1 : 0;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return count;
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *fds = opendir("/proc/self/fd");
    while (readdir(fds) != NULL) {
        count++;
    }
    closedir(fds);
    return count;
}

static void on_signal(int number)
{
    (void)number;
}

/* Everything a worker has and the child must not see. */
static void make_a_mess(void)
{
    static const int numbers[] = {3, 4, 5, 9, 100};
    sigset_t blocked;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0); /* not close-on-exec, as libfcgi's are */
        if (fcntl(numbers[i], F_GETFD) == -1 && dup2(fd, numbers[i]) < 0) {
            tempdir_bail("dup2");
        }
        if (fd != numbers[i]) {
            close(fd);
        }
    }
    setenv("HTTP_PROXY", "http://evil.example.test/", 1);
    setenv("LD_PRELOAD_X", "x", 1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, on_signal);
    signal(SIGUSR1, on_signal);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGALRM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static void clean_up(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    close(9);
    close(100);
}

/* `third`: what descriptor 3 is. */
static void same_surroundings(const char *third, bool locked)
{
    char expected[PATH_MAX + 16];
    const char *text = result();
    snprintf(expected, sizeof expected, "fd 3 %s %s\n", third, locked ? "w" : "r");
    has(text, "standard streams are /dev/null", "fd 0 /dev/null r\n", "fd 1 /dev/null w\n",
        "fd 2 /dev/null w\n", NULL);
    has(text, "3 is the lock or nothing, 4 a pipe", expected, "fd 4 pipe w\n", NULL);
    is_number(lines(text, "fd "), 5, "nothing else is open");
    has(text, "the environment as given", "variable LANG=C.UTF-8\n", "variable MODE=report\n",
        NULL);
    is_number(lines(text, "variable "), 2, "and nothing else in it");
    is_number(lines(text, "signal "), 0, "no signal is ignored or blocked");
    is_number(lines(text, "session own\n"), 1, "a session of its own");
    has(text, "the command", "argument bearerctl\nargument refresh\nargument --result-fd=4\n",
        NULL);
    is_number(lines(text, "argument --lock-fd=3\n"), locked ? 1 : 0,
              "and --lock-fd only with a lock");
    is_number(lines(text, "argument "), locked ? 4 : 3, "and no other argument");
}

static void surroundings(void)
{
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s", at("lock"));
    int lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    make_a_mess();
    size_t before = open_descriptors();
    ok(start("report", lock) && refresher_wait(&child, DEADLINE_MS, NULL), "it runs and ends");
    same_surroundings(file, true);
    refresher_clear(&child, NULL);
    int third = dup2(lock, 3);
    ok(start("report", third) && refresher_wait(&child, DEADLINE_MS, NULL),
       "the lock has a number of the child's");
    same_surroundings(file, true);
    refresher_clear(&child, NULL);
    int fourth = dup2(lock, 4);
    ok(start("report", fourth) && refresher_wait(&child, DEADLINE_MS, NULL), "or the other one");
    same_surroundings(file, true);
    refresher_clear(&child, NULL);
    ok(start("report", -1) && refresher_wait(&child, DEADLINE_MS, NULL), "without a lock");
    same_surroundings("/dev/null", false);
    refresher_clear(&child, NULL);
    is_number(open_descriptors(), before, "no descriptor is left in this process");
    is_number(waitpid(-1, NULL, WNOHANG), -1, "and no zombie");
    close(lock);
    clean_up();
}

/* A worker whose standard streams are closed: the pipe gets their numbers. */
static void closed_streams(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        for (int fd = 0; fd < 3; fd++) {
            close(fd);
        }
        bool good = start("report", -1) && refresher_wait(&child, DEADLINE_MS, NULL);
        const char *text = result();
        good = good && lines(text, "fd ") == 5 && strstr(text, "fd 2 /dev/null w\n") != NULL &&
               strstr(text, "fd 4 pipe w\n") != NULL;
        refresher_clear(&child, NULL);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    is_number(status, 0, "the same from a process without standard streams");
}

static void lock_lives(void)
{
    char mode[PATH_MAX + 8];
    int dir = open(tempdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int lock = attempt_open(dir, "record", true, &diag);
    int other = attempt_open(dir, "record", true, &diag);
    snprintf(mode, sizeof mode, "hold %s", at("release"));
    ok(attempt_lock(lock, 0, NULL) && start(mode, lock), "a child with the lock");
    ok(!refresher_wait(&child, 0, NULL), "which runs");
    close(lock);
    ok(!attempt_lock(other, 0, NULL), "holds it, our copy closed");
    ok(!refresher_wait(&child, 50, NULL) && !attempt_lock(other, 0, NULL), "while it runs");
    put(at("release"), "");
    ok(refresher_wait(&child, DEADLINE_MS, NULL), "it ends");
    ok(attempt_lock(other, 0, NULL), "and the lock is free");
    is_string(result(), "released", "what it said last was read");
    ok(refresher_wait(&child, 0, NULL), "who has ended needs no wait");
    refresher_clear(&child, NULL);
    unlink(at("release"));
    close(other);
    close(dir);
}

static unsigned asked;

static bool stop_at_third(void)
{
    return ++asked >= 3;
}

static bool is_closed(void)
{
    return child.result < 0;
}

static void waits(void)
{
    char mode[PATH_MAX + 8];
    snprintf(mode, sizeof mode, "hold %s", at("release"));
    asked = 0;
    ok(start(mode, -1), "a child that goes on");
    int64_t begin = milliseconds();
    ok(!refresher_wait(&child, 150, NULL) && milliseconds() - begin >= 150,
       "is waited for as long as was said");
    ok(!refresher_wait(&child, INT_MAX, stop_at_third) && asked == 3,
       "or until the process is to stop");
    pid_t pid = child.pid;
    refresher_clear(&child, NULL);
    is_number(kill(pid, 0), 0, "forgotten, it goes on");
    put(at("release"), "");
    is_number(waitpid(pid, &(int){0}, 0), pid, "and ends by itself");
    unlink(at("release"));
    snprintf(mode, sizeof mode, "closed %s", at("release"));
    ok(start(mode, -1), "one that closes its pipe at once");
    ok(!refresher_wait(&child, DEADLINE_MS, is_closed) && is_closed() &&
           !refresher_wait(&child, 150, NULL),
       "has not ended when it is closed");
    pid = child.pid;
    size_t before = open_descriptors();
    refresher_clear(&child, NULL);
    ok(open_descriptors() == before && kill(pid, 0) == 0,
       "forgotten, nothing is closed twice and it goes on");
    put(at("release"), "");
    is_number(waitpid(pid, &(int){0}, 0), pid, "to its end");
    unlink(at("release"));
    ok(start(mode, -1) && !refresher_wait(&child, DEADLINE_MS, is_closed) && is_closed() &&
           !refresher_wait(&child, 150, NULL),
       "one that has closed its pipe has not ended");
    put(at("release"), "");
    ok(refresher_wait(&child, DEADLINE_MS, NULL), "until it has");
    refresher_clear(&child, NULL);
    unlink(at("release"));
    ok(start("pieces 70", -1) && refresher_wait(&child, 6000, NULL),
       "data does not shorten the wait");
    is_number(child.text.length, 70, "  all pieces are there");
    refresher_clear(&child, NULL);
    signal(SIGCHLD, SIG_IGN);
    ok(start("flood 5", -1) && refresher_wait(&child, DEADLINE_MS, NULL),
       "children that nobody may wait for end too");
    is_string(result(), "fffff", "and what they said is there");
    refresher_clear(&child, NULL);
    signal(SIGCHLD, SIG_DFL);
}

static void limits(void)
{
    static const size_t good[] = {0, 1, 4095, 4096, 4097, 65536, 300000, REFRESHER_RESULT_MAX};
    static const size_t bad[] = {REFRESHER_RESULT_MAX + 1, REFRESHER_RESULT_MAX + 5000,
                                 3 * REFRESHER_RESULT_MAX};
    char mode[64];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(mode, sizeof mode, "flood %zu", good[i]);
        ok(start(mode, -1) && refresher_wait(&child, DEADLINE_MS, NULL), "%zu bytes", good[i]);
        ok(child.text.length == good[i] && !child.text.failed, "  are taken");
        refresher_clear(&child, NULL);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(mode, sizeof mode, "flood %zu", bad[i]);
        ok(start(mode, -1) && refresher_wait(&child, DEADLINE_MS, NULL), "%zu bytes", bad[i]);
        ok(child.text.failed && child.text.size <= 2 * REFRESHER_RESULT_MAX,
           "  are too many, and not kept");
        refresher_clear(&child, NULL);
    }
    ok(child.text.bytes == NULL && child.text.length == 0 && child.pid == 0, "nothing is left");
}

static void not_started(const char *path, const char *why, const char *test)
{
    char *const environment[] = {NULL};
    const struct refresher before = child;
    diag_set(&diag, "%s", "");
    ok(!refresher_start(path, environment, -1, false, &child, &diag), "%s is not started", test);
    has(diag.text, "  and that is said", why, NULL);
    ok(memcmp(&before, &child, sizeof child) == 0, "  nothing is changed");
}

static void no_program(void)
{
    size_t before = open_descriptors();
    not_started(NULL, "bearerctl was found neither beside the program nor in", "no program");
    not_started(at("missing"), "missing cannot be started: No such file", "a missing program");
    not_started(put(at("text"), "text"), "cannot be started: Permission denied",
                "one that is no program");
    chmod(at("text"), 0755);
    not_started(at("text"), "cannot be started: Exec format error", "one that cannot be executed");
    is_number(open_descriptors(), before, "no descriptor is left");
    is_number(waitpid(-1, NULL, WNOHANG), -1, "and no zombie");
}

static void finding(void)
{
    make_directory(at("bin"), 0755);
    char *path = refresher_find(at("bin"));
    ok(path == NULL || strcmp(path, FB_BINDIR "/bearerctl") == 0,
       "not beside the program: in bindir or not at all");
    free(path);
    put(at("bin/bearerctl"), "#!/bin/sh\n");
    path = refresher_find(at("bin"));
    ok(path == NULL || strcmp(path, FB_BINDIR "/bearerctl") == 0,
       "one that is no program does not count");
    free(path);
    chmod(at("bin/bearerctl"), 0755);
    setenv("PATH", at("elsewhere"), 1);
    path = refresher_find(at("bin"));
    is_string(path, at("bin/bearerctl"), "beside the program");
    free(path);
    setenv("PATH", at("bin"), 1);
    path = refresher_find(NULL);
    ok(path == NULL || strcmp(path, FB_BINDIR "/bearerctl") == 0, "never by PATH");
    free(path);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "refresh") == 0) {
        _exit(play_bearerctl(argc, argv));
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        tempdir_bail("/proc/self/exe");
    }
    tempdir_make();
    child = (struct refresher){.result = -1};
    surroundings();
    closed_streams();
    lock_lives();
    waits();
    limits();
    no_program();
    finding();
    return tap_done();
}
