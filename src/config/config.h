/* SPDX-License-Identifier: MIT */
/* The configuration: read and checked whole, then never changed (a changed file gives a new one).
 *
 * Each setting (settings.def) comes from the process environment, else from a `.env` file:
 * $BEARER_CONFIG (set but empty: no file), else bearer.env beside the program, else
 * SYSCONFDIR/fcgi-bearer/bearer.env. Grammar of the file (config_file.h): NAME=value, spaces around
 * `=`, optional `export`, quotes of either kind, `#` comments, CRLF, a byte order mark; no
 * `${}`. */
#ifndef FB_CONFIG_CONFIG_H
#define FB_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config_origin.h"
#include "config/config_table.h"
#include "config/config_types.h"

/* A second owner of a configuration: each releases it, in any thread. */
struct config *config_share(struct config *config);
void config_free(struct config *config);
void config_cleanup(struct config **config); /* for CLEANUP() */

/* How many profiles there are, this one and those behind it. */
unsigned config_count(const struct config *config);

/* What a setting is as text where it was not given: its default, or the directory that was found
 * for BEARER_CACHE_DIR. Borrowed; NULL: nothing. */
const char *config_usual(const struct config *config, enum config_name name);

/* The URI of this issuer's keys: jwks_uri or discovery_uri; NULL with jwks_file. Borrowed. */
const char *config_keys_uri(const struct config *config);

/* Whether the audience of a token is in its aud, and not in another claim
 * (BEARER_AUDIENCE_CLAIM). */
bool config_audience_is_aud(const struct config *config);

/* The name of the header that holds the token, as it was written; NULL: Authorization. */
const char *config_token_header(const struct config *config);

/* Whether nothing in a token has to say for whom it is (BEARER_AUDIENCE_CLAIM=none). */
bool config_audience_is_open(const struct config *config);

/* Whether this tenant, the id of one or NULL, is one of BEARER_TENANTS. */
bool config_has_tenant(const struct config *config, const char *tenant);

/* True if `text` of `length` octets is one of the accepted audiences. */
bool config_has_audience(const struct config *config, const char *text, size_t length);

#endif
