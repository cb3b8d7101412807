/* SPDX-License-Identifier: MIT */
/* What each command of bearerctl is: its help, and what runs it and returns the exit status. */
#ifndef FB_CTL_COMMANDS_H
#define FB_CTL_COMMANDS_H

#include "cli/cli.h"

#define COMMAND(name, form, line)    \
    extern const char name##_help[]; \
    int name##_run(const struct cli *cli);
#include "ctl/commands.def"
#undef COMMAND

#endif
