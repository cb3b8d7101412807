/* SPDX-License-Identifier: MIT */
#include "cli/notcgi.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *sign_of_a_server(void)
{
    static const char *const names[] = {"GATEWAY_INTERFACE", "REQUEST_METHOD", "FCGI_ROLE"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (getenv(names[i]) != NULL) {
            return names[i];
        }
    }
    struct stat st;
    if (fstat(STDIN_FILENO, &st) == 0 && S_ISSOCK(st.st_mode)) {
        return "a socket as standard input";
    }
    return NULL;
}

bool cli_refuse_under_server(const char *program)
{
    const char *sign = sign_of_a_server();
    if (sign == NULL) {
        return false;
    }
    fprintf(stderr,
            "%s: refusing to run under a web server (found %s): move this program out of the web "
            "server's reach, or start it from a shell without that\n",
            program, sign);
    return true;
}
