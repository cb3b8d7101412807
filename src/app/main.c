/* SPDX-License-Identifier: MIT */
/* What main() of a program with endpoints is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/app.h"
#include "app/byhand.h"
#include "cli/ownlibc.h"
#include "cli/shield.h"
#include "fcgi/worker.h"

extern char **environ;

static bool listens(int fd)
{
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

/* Has setup declare the routes. False, with a line on standard error, if one of them is none, or
 * memory ran out. */
static bool set_up(struct bearer_app *app, bearer_setup *setup)
{
    int result = 0;
    if (!app->no_memory) {
        app->is_set_up = true;
        result = setup(app, &app->state);
    }
    if (app->error.text[0] != '\0') {
        log_line(&app->guard.log, LOG_LEVEL_ERROR, "%s", app->error.text);
        return false;
    }
    if (result != 0) {
        log_line(&app->guard.log, LOG_LEVEL_ERROR, "the program's setup failed (%d)", result);
    }
    return result == 0;
}

static int serve(struct bearer_app *app, bearer_setup *setup, bool fastcgi)
{
    const struct service service = {.answer = app_answer, .context = app, .log = &app->guard.log};
    guard_start(&app->guard, environ, fastcgi, fastcgi ? worker_stopping : NULL);
    /* Who has asked already gets an answer; a worker ends, and its supervisor starts another. */
    if (!set_up(app, setup) && (fastcgi || !app->no_memory)) {
        return EX_CONFIG;
    }
    return fastcgi ? worker_fastcgi(&service) : worker_cgi(&service, environ);
}

int bearer_app_main(int argc, char **argv, const char *title, bearer_setup *setup,
                    bearer_close *close)
{
    struct bearer_app app;
    int status = EX_OSERR;
    if (!shield_begin()) {
        return EX_OSERR;
    }
    (void)app_begin(&app, title);
    ownlibc_begin();
    if (listens(STDIN_FILENO)) {
        status = serve(&app, setup, true);
    } else if (getenv("GATEWAY_INTERFACE") != NULL) {
        status = serve(&app, setup, false);
    } else {
        status = by_hand(&app, argc, argv, set_up, setup);
    }
    if (close != NULL && app.is_set_up) {
        close(app.state);
    }
    guard_stop(&app.guard);
    app_end(&app);
    return status;
}
