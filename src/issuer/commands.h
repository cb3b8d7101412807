/* SPDX-License-Identifier: MIT */
/* What each command of bearer-issuer is: its help, and what runs it and returns the exit status. */
#ifndef FB_ISSUER_COMMANDS_H
#define FB_ISSUER_COMMANDS_H

#include "cli/cli.h"

#define COMMAND(name, form, line)             \
    extern const char issuer_##name##_help[]; \
    int issuer_##name##_run(const struct cli *cli);
#include "issuer/commands.def"
#undef COMMAND

#endif
