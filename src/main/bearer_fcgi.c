/* SPDX-License-Identifier: MIT */
/* bearer.fcgi: answers requests behind a web server, as FastCGI or as plain CGI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/app.h"
#include "cli/ownlibc.h"
#include "cli/shield.h"
#include "fcgi/worker.h"

extern char **environ;

static const char help[] =
    "Usage: bearer.fcgi [--help | --version]\n"
    "\n"
    "Answers requests for a web server, as FastCGI (the listening socket is standard input) or as "
    "plain CGI. Started by\n"
    "hand it only checks its configuration and says what is wrong.\n"
    "\n"
    "Configuration: the process environment, else bearer.env beside the program, "
    "else\n" FB_SYSCONFDIR "/fcgi-bearer/bearer.env; BEARER_CONFIG names another file.\n"
    "Try it:  spawn-fcgi -n -s /tmp/bearer.sock -- /path/to/bearer.fcgi\n"
    "See also: bearer.fcgi(8), bearer.env(5), bearerctl(1)\n";

static bool listens(int fd)
{
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

/* A person started it: arguments are theirs, and so are the messages. */
static int by_hand(struct guard *guard, int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EX_IOERR;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("bearer.fcgi (" PACKAGE_NAME ") " PACKAGE_VERSION);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EX_IOERR;
    }
    if (argc > 1) {
        fprintf(stderr, "bearer.fcgi: takes only --help and --version\n");
        return EX_USAGE;
    }
    guard_start(guard, environ, false, NULL);
    if (guard->live.profiles == NULL) {
        fprintf(stderr, "bearer.fcgi: %s\n", guard->live.config_error.text);
        return EX_CONFIG;
    }
    fprintf(
        stderr,
        "bearer.fcgi: the configuration is good, but this program is started by a web server: "
        "standard input is not a listening socket and GATEWAY_INTERFACE is not set. \"bearerctl "
        "doctor\" tells more.\n");
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    struct guard guard = {0};
    const struct service service = {.answer = app_answer, .context = &guard, .log = &guard.log};
    int status = EXIT_FAILURE;
    if (!shield_begin()) {
        return EX_OSERR;
    }
    ownlibc_begin();
    if (listens(STDIN_FILENO)) {
        guard_start(&guard, environ, true, worker_stopping);
        status = worker_fastcgi(&service);
    } else if (getenv("GATEWAY_INTERFACE") != NULL) {
        guard_start(&guard, environ, false, NULL);
        status = worker_cgi(&service, environ);
    } else {
        status = by_hand(&guard, argc, argv);
    }
    guard_stop(&guard);
    return status;
}
