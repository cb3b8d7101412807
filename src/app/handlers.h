/* SPDX-License-Identifier: MIT */
/* What the endpoints answer. */
#ifndef FB_APP_HANDLERS_H
#define FB_APP_HANDLERS_H

#include "app/route.h"

handler handle_public;  /* the tutorial's greeting */
handler handle_private; /* the claims, the very octets that were signed */

#endif
