/* SPDX-License-Identifier: MIT */
/* bearer-issuer: a token issuer on your own machine, for development, demonstration and tests. */
#include "cli/cli.h"
#include "cli/shield.h"
#include "issuer/commands.h"

static const char before[] =
    "Usage: bearer-issuer COMMAND ...\n"
    "\n"
    "A token issuer on your own machine, for development and tests: a signing key, the\n"
    "documents that publish it, and tokens signed with it.\n"
    "\n";

static const char after[] =
    "\n"
    "  COMMAND --help                      more about one of them\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0; 64 wrong usage; 65 unusable data; 66 no such issuer; 70 a fault inside;\n"
    "73 a file cannot be made or replaced; 74 standard output cannot be written; 77 a file or\n"
    "directory of the issuer is not ours alone.\n";

int main(int argc, char **argv)
{
    static const struct cli_command commands[] = {
#define COMMAND(name, form, line) {#name, form, line, issuer_##name##_help, issuer_##name##_run},
#include "issuer/commands.def"
#undef COMMAND
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct cli_program program = {"bearer-issuer", before, after, commands};
    if (!shield_begin()) {
        return EX_OSERR;
    }
    return cli_main(&program, argc, argv);
}
