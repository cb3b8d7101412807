/* SPDX-License-Identifier: MIT */
#include "app/routes.h"

#include <stdio.h>
#include <string.h>

/* `.` and `..` name no thing of anybody's, and a handler may take a segment for a file's name. */
static bool is_name(const char *segment, size_t length)
{
    return length > 0 && !(length == 1 && segment[0] == '.') &&
           !(length == 2 && segment[0] == '.' && segment[1] == '.');
}

/* Whether the path is one of the pattern's. */
static bool matches(const struct bearer_route *route, const char *path, struct segment *segments)
{
    const char *pattern = route->path;
    size_t variable = 0;
    if (route->variables == 0) {
        return strcmp(pattern, path) == 0;
    }
    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++) {
                return false;
            }
            continue;
        }
        const size_t length = strcspn(path, "/");
        if (!is_name(path, length)) {
            return false;
        }
        segments[variable++] = (struct segment){path, length};
        path += length;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

int route_compare(const char *one, const char *other)
{
    while (*one != '\0' || *other != '\0') {
        if (*one == '{' && *other == '{') {
            one = strchr(one, '}') + 1;
            other = strchr(other, '}') + 1;
            continue;
        }
        if (*one != *other) {
            /* A variable stands for more than any letter, and comes after all of them. */
            const int first = *one == '{' ? 256 : (unsigned char)*one;
            const int second = *other == '{' ? 256 : (unsigned char)*other;
            return first - second;
        }
        one++;
        other++;
    }
    return 0;
}

/* One more word of a value of Allow, once. */
static void add_method(char *allow, size_t size, const char *method)
{
    const size_t length = strlen(method);
    for (const char *at = strstr(allow, method); at != NULL; at = strstr(at + 1, method)) {
        if ((at == allow || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0')) {
            return;
        }
    }
    const size_t used = strlen(allow);
    (void)snprintf(allow + used, size - used, "%s%s", used == 0 ? "" : ", ", method);
}

/* All methods of a path: GET and HEAD, the others as they were declared, OPTIONS. */
static enum bearer_code all_methods(const struct route_list *list, const char *path,
                                    struct arena *arena, const char **allow)
{
    struct segment segments[ROUTE_VARIABLES_MAX];
    size_t size = sizeof "GET, HEAD, OPTIONS";
    for (size_t i = 0; i < list->count; i++) {
        size += strlen(list->sorted[i]->method) + 2;
    }
    char *text = arena_take(arena, size);
    if (text == NULL) {
        return BEARER_DENIED;
    }
    *text = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const struct bearer_route *one = list->sorted[i];
        if (strcmp(one->method, "GET") == 0 && matches(one, path, segments)) {
            add_method(text, size, "GET");
            add_method(text, size, "HEAD");
        }
    }
    for (const struct bearer_route *one = list->first; one != NULL; one = one->next) {
        if (matches(one, path, segments)) {
            add_method(text, size, one->method);
        }
    }
    add_method(text, size, "OPTIONS");
    *allow = text;
    return BEARER_OK;
}

enum bearer_code route_find(const struct route_list *list, const char *path, const char *method,
                            struct arena *arena, const struct bearer_route **route,
                            struct segment segments[ROUTE_VARIABLES_MAX], const char **allow)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    bool there = false;
    *route = NULL;
    *allow = NULL;
    for (size_t i = 0; path != NULL && i < list->count; i++) {
        const struct bearer_route *one = list->sorted[i];
        if (!matches(one, path, segments)) {
            continue;
        }
        there = true;
        if (strcmp(one->method, wanted) == 0) {
            *route = one;
            return BEARER_OK;
        }
    }
    if (!there) {
        return BEARER_NOT_FOUND;
    }
    if (all_methods(list, path, arena, allow) != BEARER_OK) {
        return BEARER_DENIED;
    }
    return strcmp(method, "OPTIONS") == 0 ? BEARER_OK : BEARER_METHOD_NOT_ALLOWED;
}
