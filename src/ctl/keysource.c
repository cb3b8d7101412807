#include "keysource.h"

#include <string.h>

#include "cleanup.h"
#include "json.h"
#include "log.h"

/* The document at `uri` as a strict JSON object. */
static struct json_object *parse(const struct fetch_response *response, const char *uri, struct diag *diag)
{
    const char *why = NULL;
    struct json_object *json = js_parse(response->body, response->length, &why);
    if (json == NULL) {
        diag_set(diag, "%s: the document is not strict JSON: %s", uri, why);
    }
    return json;
}

static char *discovered_uri(const struct config *config, const struct json_object *document,
                            struct diag *diag)
{
    char shown[256];
    size_t length = 0;
    const char *issuer = js_string(document, "issuer", &length);
    if (issuer == NULL || !js_string_is(document, "issuer", config->issuer)) {
        diag_set(
            diag,
            "%s: its issuer is \"%s\", but AUTH0_ISSUER is \"%s\": they must be identical, slash included",
            config->discovery_uri, log_escape(shown, sizeof shown, issuer != NULL ? issuer : "", length),
            config->issuer);
        return NULL;
    }
    const char *uri = js_string(document, "jwks_uri", &length);
    if (uri == NULL || strncmp(uri, "https://", 8) != 0 || length > 2048) {
        diag_set(diag, "%s: its jwks_uri is not an https:// URI", config->discovery_uri);
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        if (uri[i] <= 0x20 || uri[i] > 0x7e) {
            diag_set(diag, "%s: its jwks_uri is not an https:// URI", config->discovery_uri);
            return NULL;
        }
    }
    char *copy = strdup(uri);
    if (copy == NULL) {
        diag_set(diag, "out of memory");
    }
    return copy;
}

char *keysource_uri(const struct config *config, struct diag *diag)
{
    if (config->jwks_uri != NULL) {
        char *copy = strdup(config->jwks_uri);
        if (copy == NULL) {
            diag_set(diag, "out of memory");
        }
        return copy;
    }
    const struct fetch_request request = {
        .url = config->discovery_uri, .ca_file = config->ca_file, .proxy = config->proxy};
    struct fetch_response response CLEANUP(fetch_clear) = {0};
    if (fetch(&request, &response, diag) != FETCH_OK) {
        return NULL;
    }
    struct json_object *document CLEANUP(js_cleanup) = parse(&response, config->discovery_uri, diag);
    return document != NULL ? discovered_uri(config, document, diag) : NULL;
}

enum fetch_result keysource_fetch(const struct config *config, const char *uri, const char *etag,
                                  const char *last_modified, struct json_object **jwks,
                                  struct fetch_response *response, struct diag *diag)
{
    const struct fetch_request request = {.url = uri,
                                          .ca_file = config->ca_file,
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
