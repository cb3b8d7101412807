/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "app/call.h"
#include "base/text.h"
#include "base/utf8.h"

static const char *const places[] = {[PARAM_PATH] = "path", [PARAM_QUERY] = "query"};

static bool is_utf8(const char *text, size_t length)
{
    for (const char *const end = text + length; text < end;) {
        const size_t octets = utf8_character(text, end, NULL);
        if (octets == 0) {
            return false;
        }
        text += octets;
    }
    return true;
}

/* Decodes the query once. */
static enum bearer_code read_query(struct bearer_call *call)
{
    const char *query = call_param(call, "QUERY_STRING");
    if (call->query_read) {
        return BEARER_OK;
    }
    call->query_read = true;
    return query == NULL || *query == '\0'
               ? BEARER_OK
               : pairs_read(&call->app->arena, query, strlen(query), &call->query);
}

const char *bearer_query(struct bearer_call *call, const char *name, size_t index)
{
    (void)read_query(call);
    return pairs_find(&call->query, name, index);
}

const char *bearer_form(struct bearer_call *call, const char *name, size_t index)
{
    return pairs_find(&call->form, name, index);
}

/* One value, which has to be sound. */
static void read_value(const struct param *param, const char *text, struct param_value *value,
                       struct text *faults)
{
    struct param_fault fault;
    if (!param_read(param, text, value, &fault)) {
        faults_add(faults, fault.type, places[param->place], param->name, fault.message, NULL);
    }
}

/* All that the query has of this name. */
static void read_values(const struct pairs *query, const struct param *param,
                        struct param_value *value, struct text *faults)
{
    struct pairs_walk walk = {query->bytes, query->count};
    const char *text = pairs_next(&walk, param->name);
    if (text == NULL) {
        *value = param->usual_value;
        if (!param->optional) {
            faults_add(faults, "missing", places[param->place], param->name, "Field required",
                       NULL);
        }
        return;
    }
    *value = (struct param_value){.count = 1};
    read_value(param, text, value, faults);
    text = pairs_next(&walk, param->name);
    if (text != NULL && !param->repeated) { /* who looked before us may have taken this one */
        faults_add(faults, "too_long", places[param->place], param->name,
                   "List should have at most 1 item after validation", NULL);
        return;
    }
    for (; text != NULL && faults->length == 0; text = pairs_next(&walk, param->name)) {
        struct param_value other;
        read_value(param, text, &other, faults);
        value->count++;
    }
}

enum bearer_code call_parameters(struct bearer_call *call, struct text *faults)
{
    const struct bearer_route *route = call->route;
    struct arena *arena = &call->app->arena;
    call->values = route->param_count > 0
                       ? arena_take(arena, route->param_count * sizeof *call->values)
                       : NULL;
    if (route->param_count > 0 && call->values == NULL) {
        return BEARER_DENIED;
    }
    enum bearer_code code = route->has_query ? read_query(call) : BEARER_OK;
    for (size_t i = 0; code == BEARER_OK && i < route->param_count; i++) {
        const struct param *param = &route->params[i];
        if (param->place == PARAM_QUERY) {
            read_values(&call->query, param, &call->values[i], faults);
            continue;
        }
        const struct segment *segment = &call->segments[i];
        const char *text = arena_copy(arena, segment->text, segment->length);
        if (text == NULL || !is_utf8(text, segment->length)) {
            return text == NULL ? BEARER_DENIED : BEARER_BAD_ENCODING;
        }
        call->values[i] = (struct param_value){.count = 1};
        read_value(param, text, &call->values[i], faults);
    }
    if (code == BEARER_OK && faults->length > 0) {
        faults_end(faults);
        code = faults->failed ? BEARER_DENIED : BEARER_BAD_PARAMETERS;
    }
    return code;
}

/* The value of a declared parameter. A name that is none, or of another type, is a fault of the
 * program, which is told to its log. */
static const struct param_value *value_of(struct bearer_call *call, const char *name, int type)
{
    static const struct param_value none;
    const struct bearer_route *route = call->route;
    for (size_t i = 0; i < route->param_count; i++) {
        const struct param *param = &route->params[i];
        if (strcmp(param->name, name) == 0 &&
            (type < 0 || (int)param->type == type ||
             (type == PARAM_STRING && param->type == PARAM_WORDS))) {
            return &call->values[i];
        }
    }
    bearer_log(call, "the route %s %s declares no parameter %s of the type that is asked for",
               route->method, route->path, name);
    return &none;
}

int64_t bearer_integer(struct bearer_call *call, const char *name)
{
    return value_of(call, name, PARAM_INTEGER)->integer;
}

double bearer_number(struct bearer_call *call, const char *name)
{
    return value_of(call, name, PARAM_NUMBER)->number;
}

bool bearer_boolean(struct bearer_call *call, const char *name)
{
    return value_of(call, name, PARAM_BOOLEAN)->boolean;
}

const char *bearer_string(struct bearer_call *call, const char *name)
{
    return value_of(call, name, PARAM_STRING)->text;
}

size_t bearer_given(struct bearer_call *call, const char *name)
{
    return value_of(call, name, -1)->count;
}
