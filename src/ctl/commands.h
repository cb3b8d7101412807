/* The commands of bearerctl: one file each. */
#ifndef FB_CTL_COMMANDS_H
#define FB_CTL_COMMANDS_H

#include "cli/cli.h"

extern const char refresh_help[];
int refresh_run(const struct cli *cli);

extern const char explain_help[];
int explain_run(const struct cli *cli);

extern const char doctor_help[];
int doctor_run(const struct cli *cli);

#endif
