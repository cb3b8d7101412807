/* SPDX-License-Identifier: MIT */
/* explain: the pieces of its lines. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "ctl/explain/explain.h"
#include "json/json.h"

#define SHOWN_MAX   200 /* characters of one text from outside */
#define STRINGS_MAX 8   /* elements of one array */

void line_add(struct line *line, const char *format, ...)
{
    size_t used = strlen(line->text);
    va_list args;
    va_start(args, format);
    if (vsnprintf(line->text + used, sizeof line->text - used, format, args) < 0) {
        line->text[used] = '\0';
    }
    va_end(args);
}

void line_add_text(struct line *line, const char *text, size_t length)
{
    char shown[SHOWN_MAX];
    line_add(line, "\"%s\"", log_escape(shown, sizeof shown, text, length));
}

const char *explain_type(enum js_type type)
{
    switch (type) {
    case JS_NULL:
        return "null";
    case JS_BOOLEAN:
        return "true or false";
    case JS_NUMBER:
        return "a number";
    case JS_STRING:
        return "a string";
    case JS_ARRAY:
        return "an array";
    case JS_OBJECT:
        return "an object";
    case JS_ABSENT:
    default:
        return "absent";
    }
}

void line_add_strings(struct line *line, const struct json_object *claims, const char *name)
{
    size_t length = 0;
    const char *text = js_string(claims, name, &length);
    const struct json_object *array = js_array(claims, name);
    if (text != NULL) {
        line_add_text(line, text, length);
    } else if (array == NULL) {
        line_add(line, "%s", explain_type(js_type(claims, name)));
    } else {
        line_add_array(line, array);
    }
}

void line_add_array(struct line *line, const struct json_object *array)
{
    size_t length = 0;
    const size_t count = js_array_length(array);
    if (count == 0) {
        line_add(line, "an empty array");
    }
    for (size_t i = 0; i < count && i < STRINGS_MAX; i++) {
        const char *text = js_array_string(array, i, &length);
        line_add(line, "%s", i > 0 ? " " : "");
        if (text != NULL) {
            line_add_text(line, text, length);
        } else {
            line_add(line, "(%s)", explain_type(js_array_type(array, i)));
        }
    }
    if (count > STRINGS_MAX) {
        line_add(line, " and %zu more", count - STRINGS_MAX);
    }
}

const char *explain_state_name(enum check_state state)
{
    static const char *const names[] = {"not reached", "passed", "failed"};
    return names[state];
}

const char *explain_check_name(enum bearer_stage check)
{
    static const char *const names[STAGE__MAX] = {
        [STAGE_FORM] = "form",
        [STAGE_HEADER] = "header",
        [STAGE_ALGORITHM] = "algorithm",
        [STAGE_TYPE] = "type",
        [STAGE_KEY] = "key",
        [STAGE_SIGNATURE] = "signature",
        [STAGE_CLAIMS] = "claims",
        [STAGE_ISS] = "iss",
        [STAGE_AUD] = "aud",
        [STAGE_EXP] = "exp",
        [STAGE_NBF] = "nbf",
        [STAGE_IAT] = "iat",
        [STAGE_SUB] = "sub",
        [STAGE_KIND] = "kind",
        [STAGE_REVOKED] = "revoked",
        [STAGE_SCOPE] = "scope",
        [STAGE_PERMISSIONS] = "permissions",
        [STAGE_REQUIREMENT] = "requirement",
    };
    return names[check];
}

struct line *explain_new_mend(struct explain *explain)
{
    const size_t last = sizeof explain->mends / sizeof explain->mends[0] - 1;
    struct line *line = &explain->mends[explain->mend_count < last ? explain->mend_count : last];
    explain->mend_count += explain->mend_count <= last ? 1 : 0;
    line->text[0] = '\0';
    return line;
}
