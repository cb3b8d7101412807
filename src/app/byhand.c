/* SPDX-License-Identifier: MIT */
#include "app/byhand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

extern char **environ;

static const char usage[] =
    "Usage: %s [--help | --version]\n"
    "       %s --call 'GET /path?query' [--claims FILE] [--body FILE]\n"
    "\n"
    "Answers requests for a web server, as FastCGI (the listening socket is standard input) or as "
    "plain CGI. Started by\n"
    "hand it only checks its configuration and says what is wrong.\n"
    "\n"
    "--call answers one request in this process, as a web server would show it. The claims in FILE "
    "count as those of a\n"
    "good token; without them there is none. No configuration is needed.\n"
    "\n"
    "Configuration: the process environment, else bearer.env beside the program, "
    "else\n" FB_SYSCONFDIR "/fcgi-bearer/bearer.env; BEARER_CONFIG names another file.\n"
    "Try it:  spawn-fcgi -n -s /tmp/bearer.sock -- /path/to/%s\n"
    "See also: bearer.fcgi(8), bearer.env(5), bearerctl(1)\n";

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int flushed(void)
{
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EX_IOERR;
}

static int misused(const char *name)
{
    fprintf(stderr,
            "%s: takes --help, --version, or --call 'GET /path' with --claims FILE and --body "
            "FILE\n",
            name);
    return EX_USAGE;
}

/* --call REQUEST, and options with a value behind it. */
static int read_call(struct bearer_app *app, int argc, char **argv, const char *name,
                     bool (*set_up)(struct bearer_app *app, bearer_setup *setup),
                     bearer_setup *setup)
{
    const char *claims = NULL;
    const char *body = NULL;
    if (argc % 2 == 0) {
        return misused(name);
    }
    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--claims") == 0 && claims == NULL) {
            claims = argv[i + 1];
        } else if (strcmp(argv[i], "--body") == 0 && body == NULL) {
            body = argv[i + 1];
        } else {
            return misused(name);
        }
    }
    return set_up(app, setup) ? call_by_hand(app, argv[2], claims, body) : EX_CONFIG;
}

static int look(struct bearer_app *app, const char *name,
                bool (*set_up)(struct bearer_app *app, bearer_setup *setup), bearer_setup *setup)
{
    guard_start(&app->guard, environ, false, NULL);
    if (app->guard.live.profiles == NULL) {
        fprintf(stderr, "%s: %s\n", name, app->guard.live.config_error.text);
        return EX_CONFIG;
    }
    if (!set_up(app, setup)) {
        return EX_CONFIG;
    }
    fprintf(
        stderr,
        "%s: the configuration is good, but this program is started by a web server: "
        "standard input is not a listening socket and GATEWAY_INTERFACE is not set. \"bearerctl "
        "doctor\" tells more.\n",
        name);
    return EX_USAGE;
}

int by_hand(struct bearer_app *app, int argc, char **argv,
            bool (*set_up)(struct bearer_app *app, bearer_setup *setup), bearer_setup *setup)
{
    const char *name = argc > 0 ? base_name(argv[0]) : "bearer.fcgi";
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf(usage, name, name, name);
        return flushed();
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        if (app->title != NULL) {
            puts(app->title);
        } else {
            printf("%s (" PACKAGE_NAME ") " PACKAGE_VERSION "\n", name);
        }
        return flushed();
    }
    if (argc > 2 && strcmp(argv[1], "--call") == 0) {
        return read_call(app, argc, argv, name, set_up, setup);
    }
    return argc > 1 ? misused(name) : look(app, name, set_up, setup);
}
