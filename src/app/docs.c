/* SPDX-License-Identifier: MIT */
#include "app/docs.h"

#include "app/call.h"
#include "base/cleanup.h"
#include "base/text.h"

/* The one script on the page. Its hash stands in the policy: SHA-256, in base64. What it names is
 * relative to the page, so that no page is made of what a request says. */
#define SCRIPT                                                                             \
    "SwaggerUIBundle({url: \"openapi.json\", dom_id: \"#swagger-ui\", deepLinking: true, " \
    "validatorUrl: null});"
#define SCRIPT_HASH "sha256-RUbWKeZSFfzqklymoYzL/IxOA77eMAESMay8PLeoNy4="

/* Scripts and styles of this server and of nobody else; Swagger UI has its icons in its style
 * sheet. */
#define UI_POLICY                                         \
    "default-src 'none'; script-src 'self' '" SCRIPT_HASH \
    "'; style-src 'self'; img-src 'self' data:; "         \
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#define PLAIN_POLICY \
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

#define HEAD                                                                     \
    "<!DOCTYPE html>\n"                                                          \
    "<html lang=\"en\">\n"                                                       \
    "<head>\n"                                                                   \
    "<meta charset=\"utf-8\">\n"                                                 \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" \
    "<title>API documentation</title>\n"

static const char plain_page[] = HEAD
    "</head>\n"
    "<body>\n"
    "<h1>API documentation</h1>\n"
    "<p>The endpoints are described in <a href=\"openapi.json\">openapi.json</a>, for any OpenAPI "
    "tool.</p>\n"
    "<p>To read and try them on this page, have the web server serve the files of Swagger UI:</p>\n"
    "<ol>\n"
    "<li>Get them: <code>npm pack swagger-ui-dist@5.35.0</code>, and unpack it.</li>\n"
    "<li>Serve its folder <code>package</code> as static files, for example at "
    "<code>/swagger-ui</code>.</li>\n"
    "<li>Set <code>BEARER_DOCS=/swagger-ui</code>; see bearer.env(5).</li>\n"
    "</ol>\n"
    "</body>\n"
    "</html>\n";

bool docs_add(struct bearer_app *app)
{
    const struct bearer_route page = {.method = "GET", .path = "/docs", .handler = handle_docs};
    const struct bearer_route document = {
        .method = "GET", .path = "/openapi.json", .handler = handle_openapi};
    return route_add(app, &app->docs, &page, BEARER_PUBLIC) != NULL &&
           route_add(app, &app->docs, &document, BEARER_PUBLIC) != NULL;
}

static int send_page(struct bearer_call *call, const char *page, size_t length, const char *policy)
{
    response_page(&call->exchange.response, page, length, policy);
    call->answer = ANSWER_SENT;
    call_send(call);
    return 0;
}

int handle_docs(struct bearer_call *call, void *state)
{
    (void)state;
    /* Letters that mean nothing in HTML: config_web.c. */
    const char *const files = call->app->guard.live.profiles->config->docs;
    if (*files == '\0') {
        return send_page(call, plain_page, sizeof plain_page - 1, PLAIN_POLICY);
    }
    struct text page CLEANUP(text_clear) = {0};
    const char *const pieces[] = {
        HEAD "<link rel=\"stylesheet\" href=\"",
        files,
        "/swagger-ui.css\">\n<link rel=\"icon\" href=\"",
        files,
        "/favicon-32x32.png\">\n"
        "</head>\n"
        "<body>\n"
        "<div id=\"swagger-ui\">\n"
        "<p>Swagger UI is not here: it needs JavaScript, and the files of swagger-ui-dist at ",
        files,
        "/. The endpoints are described in <a href=\"openapi.json\">openapi.json</a>.</p>\n"
        "</div>\n"
        "<script src=\"",
        files,
        "/swagger-ui-bundle.js\"></script>\n"
        "<script>" SCRIPT "</script>\n"
        "</body>\n"
        "</html>\n",
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        text_puts(&page, pieces[i]);
    }
    return page.failed ? -1 : send_page(call, page.bytes, page.length, UI_POLICY);
}
