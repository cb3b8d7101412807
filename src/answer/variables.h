/* SPDX-License-Identifier: MIT */
/* What an authorizer's yes says to the web server and the guarded program (FastCGI 1.0, section
 * 6.3): Variable-NAME headers, which become the program's variables NAME. */
#ifndef FB_ANSWER_VARIABLES_H
#define FB_ANSWER_VARIABLES_H

#include <stdbool.h>

#include "config/config.h"
#include "token/token.h"

struct json_object;

/* The header lines for a verified token, or for nobody (token->claims NULL): REMOTE_USER
 * (user_find(), with @ and the issuer where that is needed to tell who it is: the location takes
 * `several` issuers, or the issuer has several tenants), AUTH_TYPE, BEARER_SUB, BEARER_SCOPE,
 * BEARER_PERMISSIONS, BEARER_CLIENT_ID (claims_client()), BEARER_ISSUER, BEARER_PROFILE (the one of
 * `config`, which let the token in), BEARER_EXP, BEARER_CLAIMS (JSON of the claims in
 * BEARER_FORWARD_CLAIMS), and each of `claim_variables` (config.claim_variables of `default`; NULL:
 * none): a string as it is, strings of an array with spaces between them, anything else as JSON.
 * Always all of them, empty where there is nothing, so that nothing that somebody else set
 * survives; printable ASCII, everything else escaped as in JSON. The caller's, to be released with
 * free(); NULL: out of memory. */
char *variables_write(const struct token *token, const struct config *config,
                      const char *const *claim_variables, bool several);

/* Whether the web server keeps what an answer before this one said of the same request: mod_fcgid
 * does, and joins what is said again with a comma ("auth0|1, auth0|1"). So it is after an internal
 * redirect or in a subrequest, whose params have our names, with REDIRECT_ before them or not. */
bool variables_are_kept(char *const *params);

/* Those of the lines that the params do not have already, value and all: what such a server is to
 * be told. The caller's, to be released with free(); NULL: out of memory. */
char *variables_unsaid(const char *lines, char *const *params);

#endif
