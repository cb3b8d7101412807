/* SPDX-License-Identifier: MIT */
/* A guarded location: whether the web server lets the request through (FastCGI 1.0, section
 * 6.3). */
#ifndef FB_GUARD_AUTHORIZE_H
#define FB_GUARD_AUTHORIZE_H

#include "guard/guard.h"

/* Judges a request to a guarded location; neither path nor method is looked at. BEARER_OK: it may
 * pass, as exchange->verdict says. */
enum bearer_code guard_judge(struct guard *guard, struct exchange *exchange);

/* The same for a web server, of a request whose role is no responder's. BEARER_OK:
 * exchange->response is the yes, with the variables of the token; in the role deny there is
 * none. */
enum bearer_code guard_authorize(struct guard *guard, struct exchange *exchange);

#endif
