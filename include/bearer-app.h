/* SPDX-License-Identifier: MIT */
/* libbearer-app: endpoints of one's own over FastCGI and plain CGI, behind the door that
 * <bearer.h> has for other programs. */
#ifndef BEARER_APP_H
#define BEARER_APP_H

#endif
