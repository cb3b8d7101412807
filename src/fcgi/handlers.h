/* What the endpoints answer. */
#ifndef FCGI_HANDLERS_H
#define FCGI_HANDLERS_H

#include "routes.h"

handler handle_public;  /* the tutorial's greeting */
handler handle_private; /* the claims, the very octets that were signed */

#endif
