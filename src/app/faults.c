/* SPDX-License-Identifier: MIT */
/* The body of an answer 422, in the form that FastAPI has made known; what was sent is never in
 * it. */
#include "app/call.h"
#include "base/text.h"
#include "json/json.h"

#include <string.h>

static void put(struct text *text, const char *before, const char *string)
{
    text_puts(text, before);
    js_put_string(text, string, strlen(string));
}

void faults_add(struct text *faults, const char *type, const char *place, const char *name,
                const char *message, const char *error)
{
    put(faults, faults->length == 0 ? "{\"detail\":[{\"type\":" : ",{\"type\":", type);
    put(faults, ",\"loc\":[", place);
    if (name != NULL) {
        put(faults, ",", name);
    }
    put(faults, "],\"msg\":", message);
    if (error != NULL) {
        put(faults, ",\"ctx\":{\"error\":", error);
        text_puts(faults, "}");
    }
    text_puts(faults, "}");
}

void faults_end(struct text *faults)
{
    text_puts(faults, "]}");
}
