/* SPDX-License-Identifier: MIT */
#include "ctl/refresh/fetched.h"

#include <string.h>
#include <time.h>

#include "json/json.h"

void fetched_clear(struct fetched *fetched)
{
    keysource_clear(&fetched->source);
    js_free(fetched->jwks);
    fetch_clear(&fetched->response);
}

static const char *unless_empty(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

enum renewal_result fetched_keys(void *context, const struct cached *old,
                                 struct renewal_document *document, struct diag *diag)
{
    struct fetched *fetched = context;
    enum cause cause = CAUSE_OTHER;
    if (!keysource_find(fetched->config, &fetched->source, &cause, diag)) {
        return RENEWAL_FAILED;
    }
    const char *uri = fetched->source.jwks_uri;
    bool same = old != NULL && old->jwks_uri != NULL && strcmp(old->jwks_uri, uri) == 0;
    enum fetch_result result =
        keysource_fetch(fetched->config, uri, same ? old->etag : NULL,
                        same ? old->last_modified : NULL, &fetched->jwks, &fetched->response, diag);
    *document = (struct renewal_document){.fetched = time(NULL), .jwks_uri = uri};
    if (result != FETCH_OK) {
        return result == FETCH_NOT_MODIFIED ? RENEWAL_NOT_MODIFIED : RENEWAL_FAILED;
    }
    document->jwks = fetched->jwks;
    document->sum = cache_crc(fetched->response.body, fetched->response.length);
    document->etag = unless_empty(fetched->response.etag);
    document->last_modified = unless_empty(fetched->response.last_modified);
    return RENEWAL_DOCUMENT;
}
