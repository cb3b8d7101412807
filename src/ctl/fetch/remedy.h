/* SPDX-License-Identifier: MIT */
/* What to do about something that could not be had from a server. */
#ifndef FB_CTL_FETCH_REMEDY_H
#define FB_CTL_FETCH_REMEDY_H

#include <stdbool.h>

#include "ctl/fetch/cause.h"

enum remedy_for {
    /* the issuer's documents */
    REMEDY_KEYS,
    /* the operator's own endpoint */
    REMEDY_SITE,
};

/* One line, or NULL: there is nothing to add to the message. `ca_file`, `proxy`: BEARER_CA_FILE,
 * BEARER_PROXY was used. */
const char *remedy(enum cause cause, enum remedy_for what, bool ca_file, bool proxy);

#endif
