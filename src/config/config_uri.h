/* SPDX-License-Identifier: MIT */
/* What URLs and hosts are, and nothing of settings. */
#ifndef FB_CONFIG_CONFIG_URI_H
#define FB_CONFIG_CONFIG_URI_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_HTTPS "https://"

/* True if the text begins with this. */
bool config_begins(const char *text, const char *prefix);

/* False if it holds an octet outside ASCII. Control characters are refused when a value is read. */
bool config_is_ascii(const char *text);

/* True if it is "host", "host:port" or "[address]:port" (RFC 3986, section 3.2). */
bool config_is_authority(const char *text, size_t length);

/* What keeps it from being an https URL to fetch (RFC 9110, section 4.2.2), or NULL. */
const char *config_https_fault(const char *text);

/* Whether this would do as the URL of an issuer whose metadata are fetched. */
bool config_is_https(const char *text);

/* The host that a mistyped domain most likely means, lower case; the caller's, NULL if there is
 * none in it. *more: there was more than a host. */
char *config_host_within(const char *text, bool *more);

/* The path of file:///path, decoded (RFC 8089); the caller's. NULL: it is not one, or out of
 * memory. */
char *config_file_path(const char *uri);

/* Where the metadata of an issuer may be that is an https:// URL without query and fragment: by
 * form 0 OpenID Connect Discovery 1.0, section 4; 1 RFC 8414, section 3; 2 the same below the
 * issuer, as section 5 there has it for the former. False: there is no such form, for this issuer.
 * *uri is the caller's; NULL: out of memory. */
bool config_metadata_uri(const char *issuer, unsigned form, char **uri);

/* The first of them, which stands for all. The caller's; NULL: out of memory. */
char *config_discovery_uri(const char *issuer);

#endif
