/* SPDX-License-Identifier: MIT */
#include "cli/shield.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is closed gets a descriptor on which every use fails. */
static bool standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1) {
            continue;
        }
        /* The lowest free descriptor is this one; like every standard stream it is inherited. */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}

static void forget_variables(void)
{
    static const char *const obeyed[] = {
        "SSLKEYLOGFILE", /* GnuTLS, OpenSSL: the secrets of each TLS connection go into this file */
        "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", /* libc: another host behind a name */
    };
    for (size_t i = 0; i < sizeof obeyed / sizeof obeyed[0]; i++) {
        (void)unsetenv(obeyed[i]);
    }
}

bool shield_begin(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0); /* fails only for arguments that are none */
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)umask(077);
    forget_variables();
    return standard_streams();
}
