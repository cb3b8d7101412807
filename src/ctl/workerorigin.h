/* SPDX-License-Identifier: MIT */
/* Where the workers' configuration comes from, as seen by a program that may lie elsewhere than
 * bearer.fcgi. */
#ifndef FB_CTL_WORKERORIGIN_H
#define FB_CTL_WORKERORIGIN_H

#include <stdbool.h>

#include "config/config.h"

/* config_origin_self(), but for bearer.fcgi: its folder (`$BEARER_HOME`, else that of this program,
 * else where it is installed) and its owner. True if it was found; else the origin is that of this
 * program. Release with config_origin_clear(). */
bool worker_origin(struct config_origin *origin);

#endif
