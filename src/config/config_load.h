/* SPDX-License-Identifier: MIT */
/* Where a configuration comes from: all profiles are read and checked as one. */
#ifndef FB_CONFIG_CONFIG_LOAD_H
#define FB_CONFIG_CONFIG_LOAD_H

#include "base/diag.h"
#include "config/config.h"
#include "config/config_origin.h"

/* Reads and checks all of it. All errors and warnings go to `report` (may be NULL), the first error
 * to `diag` too: variable, file and remedy. The configuration is the caller's, to be released with
 * config_free(); NULL: there was an error. No value of a variable whose name is not ours is ever
 * shown. */
struct config *config_load(const struct config_origin *origin, const struct config_report *report,
                           struct diag *diag);

#endif
