/* SPDX-License-Identifier: MIT */
/* Of torture: the processes. */
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PATIENCE_MS     30000
#define ENVIRONMENT_MAX 64

extern char **environ;

struct failing *failing;

static char control[4096]; /* FAILING=PATH */
static char load[4096];    /* LD_PRELOAD=PATH */
static int said = -1;      /* where programs write their errors */

bool process_setup(const struct order *order)
{
    char errors[4096];
    (void)snprintf(control, sizeof control, "FAILING=%s/control", order->work);
    (void)snprintf(load, sizeof load, "LD_PRELOAD=%s", order->preload);
    (void)snprintf(errors, sizeof errors, "%s/said", order->work);
    int fd CLEANUP(cleanup_fd) = open(strchr(control, '=') + 1, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    said = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    void *shared = fd >= 0 && ftruncate(fd, sizeof *failing) == 0
                       ? mmap(NULL, sizeof *failing, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                       : MAP_FAILED;
    if (shared == MAP_FAILED || said < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        perror("# setting up");
        return false;
    }
    failing = shared;
    return true;
}

static int64_t now_ms(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits for whatever a process left running. */
static void settle(void)
{
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

/* Our environment, failing.so, and `more`. */
static void make_environment(char *const *more, char **out)
{
    size_t n = 0;
    for (char **entry = environ; *entry != NULL && n < ENVIRONMENT_MAX - 16; entry++) {
        out[n++] = *entry;
    }
    out[n++] = control;
    out[n++] = load;
    for (; *more != NULL; more++) {
        out[n++] = *more;
    }
    out[n] = NULL;
}

static bool spawn(const struct order *order, char *const *more, int in, int out, pid_t *pid)
{
    char *environment[ENVIRONMENT_MAX];
    posix_spawn_file_actions_t actions;
    make_environment(more, environment);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
    int error = posix_spawn(pid, order->argv[0], &actions, NULL, order->argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        printf("# %s: %s\n", order->argv[0], strerror(error));
    }
    return error == 0;
}

/* The status line comes first, or there is none. */
static unsigned status_of(const char *answer)
{
    return strncmp(answer, "Status: ", 8) == 0 ? (unsigned)strtoul(answer + 8, NULL, 10) : 0;
}

/* Reads to the end of the file. False: it does not end. */
static bool read_answer(int fd, char *answer)
{
    size_t length = 0;
    int64_t end = now_ms() + PATIENCE_MS;
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left = end - now_ms();
        if (left <= 0 || poll(&ready, 1, (int)left) < 0) {
            return false;
        }
        ssize_t n = ready.revents == 0 ? 0 : read(fd, answer + length, ANSWER_MAX - 1 - length);
        if (n <= 0) {
            answer[length] = '\0';
            return ready.revents != 0;
        }
        length += (size_t)n;
    }
}

bool process_run(const struct order *order, const char *token, struct outcome *outcome)
{
    char authorization[20000];
    char *const request[] = {(char[]){"GATEWAY_INTERFACE=CGI/1.1"}, (char[]){"REQUEST_METHOD=GET"},
                             (char[]){"PATH_INFO=/private"}, authorization, NULL};
    int ends[2];
    pid_t pid = 0;
    int null CLEANUP(cleanup_fd) = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        perror("# pipe");
        return false;
    }
    int in CLEANUP(cleanup_fd) = ends[0];
    int out = ends[1];
    (void)snprintf(authorization, sizeof authorization, "HTTP_AUTHORIZATION=Bearer %s",
                   token != NULL ? token : "");
    bool started = spawn(order, token != NULL ? request : request + 4, null, out, &pid);
    close(out);
    if (!started) {
        return false;
    }
    outcome->hung = !read_answer(in, outcome->answer);
    if (outcome->hung) {
        kill(pid, SIGKILL);
    }
    waitpid(pid, &outcome->wait_status, 0);
    outcome->status = status_of(outcome->answer);
    settle();
    return true;
}

bool worker_start(const struct order *order, struct worker *worker)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *const nothing[] = {NULL};
    (void)snprintf(worker->socket, sizeof worker->socket, "%s/socket", order->work);
    memcpy(address.sun_path, worker->socket, sizeof address.sun_path);
    (void)unlink(worker->socket);
    int fd CLEANUP(cleanup_fd) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 8) != 0) {
        perror("# socket");
        return false;
    }
    return spawn(order, nothing, fd, said, &worker->pid);
}

bool worker_alive(const struct worker *worker)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

/* Whether a refresh runs that a request has started: while it does, the next request starts none.
 * One that has ended stays, for the worker to see, as a zombie. */
static bool refreshes(const struct worker *worker)
{
    char path[64];
    long child = 0;
    bool some = false;
    (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)worker->pid,
                   (long)worker->pid);
    FILE *children = fopen(path, "re");
    while (!some && children != NULL && fscanf(children, "%ld", &child) == 1) {
        char state = 'Z';
        (void)snprintf(path, sizeof path, "/proc/%ld/stat", child);
        FILE *status = fopen(path, "re");
        some = status != NULL && fscanf(status, "%*d (%*[^)]) %c", &state) == 1 && state != 'Z';
        if (status != NULL) {
            (void)fclose(status);
        }
    }
    if (children != NULL) {
        (void)fclose(children);
    }
    return some;
}

bool worker_settled(const struct worker *worker)
{
    for (int64_t end = now_ms() + PATIENCE_MS;
         !*(volatile bool *)&failing->accepting || refreshes(worker);) {
        if (!worker_alive(worker) || now_ms() > end) {
            return false;
        }
        (void)poll(NULL, 0, 1);
    }
    return true;
}

/* As the worker counts them itself before it waits: nobody else may look. */
int worker_descriptors(const struct worker *worker)
{
    return worker_settled(worker) ? failing->descriptors : 0;
}

int worker_stop(struct worker *worker)
{
    int status = 0;
    kill(worker->pid, SIGTERM);
    for (int64_t end = now_ms() + PATIENCE_MS; worker_alive(worker);) {
        if (now_ms() > end) {
            kill(worker->pid, SIGKILL);
        }
        (void)poll(NULL, 0, 1);
    }
    waitpid(worker->pid, &status, 0);
    settle();
    return status;
}
