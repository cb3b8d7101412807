/* What an authorizer's yes says to the web server and the guarded program (FastCGI 1.0, section 6.3): Variable-NAME headers, which become
 * the program's variables NAME. */
#ifndef FCGI_AUTHORIZER_H
#define FCGI_AUTHORIZER_H

#include "config.h"
#include "token.h"

struct json_object;

/* The header lines for a verified token, or for nobody (token->claims NULL): REMOTE_USER (sub), AUTH_TYPE, BEARER_SUB, BEARER_SCOPE, BEARER_PERMISSIONS,
 * BEARER_CLIENT_ID (azp, else client_id), BEARER_EXP, BEARER_CLAIMS (JSON of the claims in `forward`). Always all of them, empty where there is nothing, so that nothing
 * that somebody else set survives; printable ASCII, everything else escaped as in JSON. The caller's, to be released with free(); NULL: out of memory. */
char *authorizer_variables(const struct token *token, char *const *forward);

#endif
