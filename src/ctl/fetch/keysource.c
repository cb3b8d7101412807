/* SPDX-License-Identifier: MIT */
#include "ctl/fetch/keysource.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config_uri.h"
#include "ctl/fetch/slash.h"
#include "json/json.h"

/* The document at `uri` as a strict JSON object. */
static struct json_object *parse(struct fetch_response *response, const char *uri,
                                 struct diag *diag)
{
    const char *why = NULL;
    struct json_object *json = js_parse_document(response->body, response->length, &why);
    if (json == NULL) {
        response->cause = CAUSE_NOT_JSON;
        diag_set(diag, "%s: the document is not strict JSON: %s", uri, why);
    }
    return json;
}

/* The caller's; NULL: out of memory. */
static char *copy_of(const char *text, enum cause *cause, struct diag *diag)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        *cause = CAUSE_MEMORY;
        diag_set(diag, "out of memory");
    }
    return copy;
}

/* Of another issuer than ours (NULL: of none): what can be done about it depends on what may be
 * configured. */
static enum cause of_issuer(const char *issuer, size_t length, const struct config *config)
{
    if (issuer == NULL || length == 0) {
        return CAUSE_ISSUER_NONE;
    }
    if (!config_is_https(issuer)) {
        return CAUSE_ISSUER_PLAIN;
    }
    return differ_by_slash(issuer, length, config->issuer) ? CAUSE_ISSUER_SLASH : CAUSE_ISSUER;
}

/* The issuer's metadata at `uri`, which must name that issuer (OpenID Connect Discovery 1.0,
 * section 4.3). The caller's; NULL with a cause and a message. */
static struct json_object *metadata(const struct config *config, const char *uri, enum cause *cause,
                                    struct diag *diag)
{
    const struct fetch_request request = {.url = uri,
                                          .ca_file = config->ca_file,
                                          .ca_owner = config->program_owner,
                                          .proxy = config->proxy};
    struct fetch_response response CLEANUP(fetch_clear) = {0};
    struct json_object *document CLEANUP(js_cleanup) =
        fetch(&request, &response, diag) == FETCH_OK ? parse(&response, uri, diag) : NULL;
    char shown[256];
    size_t length = 0;
    *cause = response.cause == CAUSE_NOT_FOUND ? CAUSE_METADATA_NOT_FOUND
             : response.cause == CAUSE_CLOSED  ? CAUSE_METADATA_CLOSED
                                               : response.cause;
    if (document == NULL) {
        return NULL;
    }
    const char *issuer = js_string(document, "issuer", &length);
    if (issuer == NULL || !js_string_is(document, "issuer", config->issuer)) {
        *cause = of_issuer(issuer, length, config);
        diag_set(
            diag,
            "%s: its issuer is \"%s\", but AUTH0_ISSUER is \"%s\": they must be identical, slash "
            "included",
            uri, log_escape(shown, sizeof shown, issuer != NULL ? issuer : "", length),
            config->issuer);
        return NULL;
    }
    return steal(&document);
}

/* What was asked for by a name that a server does not have: there may be others. */
static bool is_missing(enum cause cause)
{
    return cause == CAUSE_METADATA_NOT_FOUND || cause == CAUSE_METADATA_CLOSED ||
           cause == CAUSE_NOT_JSON || cause == CAUSE_REDIRECT;
}

/* The metadata by the first form under which there are any. Where there are none by any, what was
 * wrong with the first is told. */
static struct json_object *any_metadata(const struct config *config, struct keysource *found,
                                        enum cause *cause, struct diag *diag)
{
    struct diag first = {0};
    enum cause first_cause = CAUSE_MEMORY;
    for (unsigned form = 0; config_metadata_uri(config->issuer, form, &found->metadata); form++) {
        if (found->metadata == NULL) {
            *cause = CAUSE_MEMORY;
            diag_set(diag, "out of memory");
            return NULL;
        }
        struct json_object *document = metadata(config, found->metadata, cause, diag);
        if (document != NULL || !is_missing(*cause)) {
            return document;
        }
        if (form == 0) {
            first = *diag;
            first_cause = *cause;
        }
        free(steal(&found->metadata));
    }
    *cause = first_cause;
    diag_set(diag, "%s; and there are none as RFC 8414 has them", first.text);
    return NULL;
}

/* The issuer that access tokens name, where the metadata have another one for these (AD FS). */
static void find_token_issuer(const struct json_object *document, const struct config *config,
                              struct keysource *found)
{
    size_t length = 0;
    const char *issuer = js_string(document, "access_token_issuer", &length);
    if (issuer != NULL && length > 0 &&
        !js_string_is(document, "access_token_issuer", config->issuer)) {
        found->token_issuer = strdup(issuer);
    }
}

static bool take_jwks_uri(const struct json_object *document, struct keysource *found,
                          enum cause *cause, struct diag *diag)
{
    size_t length = 0;
    const char *uri = js_string(document, "jwks_uri", &length);
    bool good = uri != NULL && strncmp(uri, "https://", 8) == 0 && length <= 2048;
    for (size_t i = 0; good && i < length; i++) {
        good = uri[i] > 0x20 && uri[i] <= 0x7e;
    }
    if (!good) {
        *cause = CAUSE_JWKS_URI;
        diag_set(diag, "%s: its jwks_uri is not an https:// URI", found->metadata);
        return false;
    }
    found->jwks_uri = copy_of(uri, cause, diag);
    return found->jwks_uri != NULL;
}

bool keysource_find(const struct config *config, struct keysource *found, enum cause *cause,
                    struct diag *diag)
{
    *found = (struct keysource){0};
    if (config->jwks_uri != NULL) {
        found->jwks_uri = copy_of(config->jwks_uri, cause, diag);
        return found->jwks_uri != NULL;
    }
    struct json_object *document CLEANUP(js_cleanup) = any_metadata(config, found, cause, diag);
    if (document == NULL) {
        return false;
    }
    find_token_issuer(document, config, found);
    return take_jwks_uri(document, found, cause, diag);
}

bool keysource_issuer(const struct config *config, struct keysource *found, enum cause *cause,
                      struct diag *diag)
{
    *found = (struct keysource){0};
    struct json_object *document CLEANUP(js_cleanup) = any_metadata(config, found, cause, diag);
    if (document != NULL) {
        find_token_issuer(document, config, found);
    }
    return document != NULL;
}

void keysource_clear(struct keysource *found)
{
    free(found->jwks_uri);
    free(found->metadata);
    free(found->token_issuer);
    *found = (struct keysource){0};
}

enum fetch_result keysource_fetch(const struct config *config, const char *uri, const char *etag,
                                  const char *last_modified, struct json_object **jwks,
                                  struct fetch_response *response, struct diag *diag)
{
    const struct fetch_request request = {.url = uri,
                                          .ca_file = config->ca_file,
                                          .ca_owner = config->program_owner,
                                          .proxy = config->proxy,
                                          .etag = etag,
                                          .last_modified = last_modified};
    *jwks = NULL;
    enum fetch_result result = fetch(&request, response, diag);
    if (result != FETCH_OK) {
        return result;
    }
    *jwks = parse(response, uri, diag);
    return *jwks != NULL ? FETCH_OK : FETCH_FAILED;
}
