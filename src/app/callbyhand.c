/* SPDX-License-Identifier: MIT */
/* --call: one request without a web server. What would be its params is made here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/app.h"
#include "app/byhand.h"
#include "app/pairs.h"
#include "base/cleanup.h"
#include "base/safefile.h"
#include "base/text.h"
#include "json/json.h"
#include "token/token.h"

#define CLAIMS_MAX ((size_t)JS_TEXT_MAX)

/* A request, where its answer goes, and what became of it. */
struct local {
    int body;
    unsigned status;
    bool failed;
};

static void write_answer(void *context, const char *bytes, size_t length)
{
    struct local *local = context;
    if (local->status == 0 && length > 8 && memcmp(bytes, "Status: ", 8) == 0) {
        local->status = (unsigned)strtoul(bytes + 8, NULL, 10);
    }
    local->failed = local->failed || !safe_write_all(STDOUT_FILENO, bytes, length);
}

static void write_log(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)safe_write_all(STDERR_FILENO, bytes, length);
}

static ssize_t read_file(void *context, char *bytes, size_t size)
{
    const struct local *local = context;
    return local->body < 0 ? 0 : read(local->body, bytes, size);
}

static bool flush(void *context)
{
    const struct local *local = context;
    return !local->failed;
}

static void cut(void *context)
{
    struct local *local = context;
    local->failed = true;
}

static void wait_for_none(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    (void)wait;
    (void)handler;
    (void)stream;
}

/* Standard input is for --body -. */
static int open_file(const char *path)
{
    return strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
}

/* The token that would have these claims. */
static bool read_claims(const char *path, struct token *token)
{
    const char *why = "cannot be read";
    size_t length = 0;
    int fd CLEANUP(cleanup_fd) = open_file(path);
    token->payload = malloc(CLAIMS_MAX);
    if (fd >= 0 && token->payload != NULL &&
        safe_read_all(fd, token->payload, CLAIMS_MAX, &length)) {
        token->claims = js_parse(token->payload, length, &why);
        token->payload_length = length;
    }
    if (token->claims == NULL) {
        fprintf(stderr, "--claims %s: %s\n", path, why);
    }
    return token->claims != NULL;
}

/* Decodes the path as web servers do: in it `+` is no space. */
static bool put_path(struct text *param, struct arena *arena, const char *path, size_t length)
{
    struct text query CLEANUP(text_clear) = {0};
    struct pairs pairs;
    for (size_t i = 0; i < length; i++) {
        const bool special = path[i] == '+' || path[i] == '&' || path[i] == '=';
        char escaped[4];
        (void)snprintf(escaped, sizeof escaped, "%%%02X", (unsigned char)path[i]);
        text_put(&query, special ? escaped : path + i, special ? 3 : 1);
    }
    if (query.failed || pairs_read(arena, query.bytes, query.length, &pairs) != BEARER_OK ||
        pairs.count != 1) {
        return false;
    }
    text_puts(param, "PATH_INFO=");
    text_puts(param, pairs.bytes);
    return true;
}

/* METHOD, PATH_INFO, QUERY_STRING of a request. */
static bool read_request(struct text params[3], struct arena *arena, const char *request)
{
    const char *path = strchr(request, ' ');
    if (path == NULL || path[1] != '/') {
        return false;
    }
    const char *query = strchr(path, '?');
    const size_t length = query != NULL ? (size_t)(query - path) - 1 : strlen(path + 1);
    text_puts(&params[0], "REQUEST_METHOD=");
    text_put(&params[0], request, (size_t)(path - request));
    text_puts(&params[2], "QUERY_STRING=");
    text_puts(&params[2], query != NULL ? query + 1 : "");
    return put_path(&params[1], arena, path + 1, length) && !params[0].failed &&
           !params[1].failed && !params[2].failed;
}

int call_by_hand(struct bearer_app *app, const char *request, const char *claims, const char *body)
{
    struct text texts[3] = {{0}};
    struct token token CLEANUP(token_clear) = {.kid = ""};
    struct local local = {.body = body != NULL ? open_file(body) : -1};
    const struct wire wire = {.out = {write_answer, &local},
                              .err = {write_log, &local},
                              .read = body != NULL ? read_file : NULL,
                              .flush = flush,
                              .cut = cut,
                              .wait = wait_for_none,
                              .context = &local};
    int status = EX_DATAERR;
    if (body != NULL && local.body < 0) {
        fprintf(stderr, "--body %s: %s\n", body, strerror(errno));
    } else if (!read_request(texts, &app->arena, request)) {
        fprintf(stderr, "--call takes a method, a space and a path: 'GET /items/1?limit=2'\n");
    } else if (claims == NULL || read_claims(claims, &token)) {
        char *const params[] = {texts[0].bytes, texts[1].bytes, texts[2].bytes, NULL};
        app_answer_known(app, params, &wire, claims != NULL ? &token : NULL, true);
        status = local.failed || local.status >= 400 ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    for (size_t i = 0; i < 3; i++) {
        text_clear(&texts[i]);
    }
    if (local.body > STDIN_FILENO) {
        close(local.body);
    }
    return status;
}
