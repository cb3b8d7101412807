/* SPDX-License-Identifier: MIT */
/* The programs that take commands are for a person, a script or cron, never for a web server. */
#ifndef FB_CLI_NOTCGI_H
#define FB_CLI_NOTCGI_H

#include <stdbool.h>

/* True if this process looks as if a web server had started it: GATEWAY_INTERFACE, REQUEST_METHOD
 * or FCGI_ROLE is in the environment (even empty), or standard input is a socket. One line on
 * standard error has then said so, and the caller exits with EX_USAGE. To be called before any
 * argument is looked at: plain CGI hands a stranger's query to the program as arguments (RFC 3875,
 * section 4.4). */
bool cli_refuse_under_server(const char *program);

#endif
