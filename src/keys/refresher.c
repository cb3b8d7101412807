/* SPDX-License-Identifier: MIT */
#include "keys/refresher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/monotonic.h"

/* Longest sleep between two looks at `stopping`: a signal that comes just before poll() does not
 * end it. */
#define SLICE_MS 100

static char *program_in(const char *dir, const char *name)
{
    size_t size = strlen(dir) + 1 + strlen(name) + 1;
    char *path CLEANUP(cleanup_free) = malloc(size);
    if (path == NULL) {
        return NULL;
    }
    (void)snprintf(path, size, "%s/%s", dir, name);
    return access(path, X_OK) == 0 ? steal(&path) : NULL;
}

char *refresher_find(const char *program_dir)
{
    char *path = program_dir != NULL ? program_in(program_dir, "bearerctl") : NULL;
    return path != NULL ? path : program_in(FB_BINDIR, "bearerctl");
}

static bool add_actions(posix_spawn_file_actions_t *actions, int lock, int result)
{
    return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
           posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ==
               0 &&
           posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ==
               0 &&
           (lock < 0 ? posix_spawn_file_actions_addopen(actions, REFRESHER_LOCK_FD, "/dev/null",
                                                        O_RDONLY, 0)
                     : posix_spawn_file_actions_adddup2(actions, lock, REFRESHER_LOCK_FD)) == 0 &&
           posix_spawn_file_actions_adddup2(actions, result, REFRESHER_RESULT_FD) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(actions, REFRESHER_RESULT_FD + 1) == 0;
}

static bool add_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    return posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK) == 0;
}

/* 0 or an error number. `lock` and `result` are above the descriptors they are put on. */
static int start(const char *path, char *const *environment, int lock, int result, bool if_changed,
                 pid_t *pid)
{
    static char name[] = "bearerctl";
    static char command[] = "refresh";
    static char lock_option[] = "--lock-fd=3";
    static char result_option[] = "--result-fd=4";
    static char changed_option[] = "--if-changed";
    char *argv[6] = {name, command, result_option};
    size_t count = 3;
    if (lock >= 0) {
        argv[count++] = lock_option;
    }
    if (if_changed) {
        argv[count++] = changed_option;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return ENOMEM;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int error = ENOMEM;
    if (add_actions(&actions, lock, result) && add_attributes(&attributes)) {
        error = posix_spawn(pid, path, &actions, &attributes, argv, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A copy with a number that no descriptor of the child has. */
static int move_up(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, REFRESHER_RESULT_FD + 1);
}

bool refresher_start(const char *path, char *const *environment, int lock, bool if_changed,
                     struct refresher *child, struct diag *diag)
{
    int ends[2];
    if (path == NULL) {
        diag_set(diag, "bearerctl was found neither beside the program nor in " FB_BINDIR);
        return false;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        diag_set(diag, "no pipe for bearerctl: %s", strerror(errno));
        return false;
    }
    int read_end CLEANUP(cleanup_fd) = ends[0];
    int write_end CLEANUP(cleanup_fd) = ends[1];
    int result CLEANUP(cleanup_fd) = move_up(write_end);
    int held CLEANUP(cleanup_fd) = lock >= 0 ? move_up(lock) : -1;
    if (result < 0 || (lock >= 0 && held < 0) || fcntl(read_end, F_SETFL, O_NONBLOCK) != 0) {
        diag_set(diag, "no descriptors for bearerctl: %s", strerror(errno));
        return false;
    }
    pid_t pid = 0;
    int error = start(path, environment, held, result, if_changed, &pid);
    if (error != 0) {
        diag_set(diag, "%s cannot be started: %s", path, strerror(error));
        return false;
    }
    *child = (struct refresher){.pid = pid, .result = read_end};
    read_end = -1;
    return true;
}

static void close_result(struct refresher *child)
{
    close(child->result);
    child->result = -1;
}

/* Takes what the pipe holds. */
static void pump(struct refresher *child)
{
    while (child->result >= 0) {
        struct text *text = &child->text;
        if (text->length > REFRESHER_RESULT_MAX || !text_room(text, 1)) {
            text->failed = true;
            close_result(child);
            return;
        }
        ssize_t n = read(child->result, text->bytes + text->length, text->size - text->length - 1);
        if (n > 0) {
            text->length += (size_t)n;
            text->bytes[text->length] = '\0';
        } else if (n == 0 || errno != EAGAIN) { /* it does not wait, so nothing interrupts it */
            close_result(child);
        } else {
            return;
        }
    }
}

/* True if it has ended; never waits. */
static bool reap(struct refresher *child)
{
    if (waitpid(child->pid, NULL, WNOHANG) == 0) {
        return false;
    }
    pump(child);
    if (child->result >= 0) {
        close_result(child);
    }
    child->pid = 0;
    return true;
}

bool refresher_wait(struct refresher *child, int wait_ms, bool (*stopping)(void))
{
    if (child->pid == 0) {
        return true;
    }
    const int64_t end = monotonic_ms() + wait_ms;
    pump(child);
    while (!reap(child)) {
        int64_t left = end - monotonic_ms();
        if (left <= 0 || (stopping != NULL && stopping())) {
            return false;
        }
        /* Once its pipe is closed it is about to end. */
        int slice = child->result < 0 ? 1 : left < SLICE_MS ? (int)left : SLICE_MS;
        struct pollfd poll_result = {.fd = child->result, .events = POLLIN};
        (void)poll(&poll_result, 1, slice);
        pump(child);
    }
    return true;
}

/* Without memory nobody remembers it, and it stays in the table of processes until we end. */
static void leave(struct refresher_left *left, pid_t pid)
{
    pid_t *pids = realloc(left->pids, (left->count + 1) * sizeof *pids);
    if (pids != NULL) {
        pids[left->count++] = pid;
        left->pids = pids;
    }
}

void refresher_clear(struct refresher *child, struct refresher_left *left)
{
    if (child->pid != 0 && child->result >= 0) {
        close(child->result);
    }
    if (child->pid != 0 && left != NULL) {
        leave(left, child->pid);
    }
    text_clear(&child->text);
    *child = (struct refresher){.result = -1};
}

void refresher_reap_left(struct refresher_left *left)
{
    size_t kept = 0;
    for (size_t i = 0; i < left->count; i++) {
        if (waitpid(left->pids[i], NULL, WNOHANG) == 0) {
            left->pids[kept++] = left->pids[i];
        }
    }
    left->count = kept;
}

void refresher_forget_left(struct refresher_left *left)
{
    refresher_reap_left(left);
    free(left->pids);
    *left = (struct refresher_left){0};
}
