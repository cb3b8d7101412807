/* bearerctl: the operator's tool. */
#include "cli/ownlibc.h"
#include "cli/shield.h"
#include "ctl/commands.h"

static const char help[] =
    "Usage: bearerctl COMMAND [OPTION...]\n"
    "\n"
    "  refresh   fetch the signing keys into the cache that all workers share\n"
    "  doctor    say what is configured, what is wrong and how to mend it; ask a deployed endpoint\n"
    "  explain   say what a worker would decide about a token, why, and how to mend it\n"
    "\n"
    "bearerctl COMMAND --help tells more; --version prints the version.\n"
    "The configuration is read as bearer.fcgi reads it: the environment, else bearer.env beside this "
    "program, else\n" FB_SYSCONFDIR "/fcgi-bearer/bearer.env; BEARER_CONFIG names another file.\n";

int main(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"refresh", refresh_help, refresh_run},
        {"doctor", doctor_help, doctor_run},
        {"explain", explain_help, explain_run},
        {NULL, NULL, NULL},
    };
    static const struct cli_program program = {"bearerctl", help, commands};
    shield_begin();
    ownlibc_begin();
    return cli_main(&program, argc, argv);
}
