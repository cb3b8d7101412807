/* SPDX-License-Identifier: MIT */
/* bearerctl: the operator's tool. */
#include "cli/ownlibc.h"
#include "cli/shield.h"
#include "ctl/commands.h"

static const char before[] = "Usage: bearerctl COMMAND [OPTION...]\n"
                             "\n";

static const char after[] =
    "\n"
    "bearerctl COMMAND --help tells more; --version prints the version.\n"
    "The configuration is read as bearer.fcgi reads it: the environment, else bearer.env beside "
    "this "
    "program, else\n" FB_SYSCONFDIR "/fcgi-bearer/bearer.env; BEARER_CONFIG names another file.\n";

int main(int argc, char **argv)
{
    static const struct cli_command commands[] = {
#define COMMAND(name, form, line) {#name, form, line, name##_help, name##_run},
#include "ctl/commands.def"
#undef COMMAND
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct cli_program program = {"bearerctl", before, after, commands};
    if (!shield_begin()) {
        return EX_OSERR;
    }
    ownlibc_begin();
    return cli_main(&program, argc, argv);
}
