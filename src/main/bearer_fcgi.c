/* SPDX-License-Identifier: MIT */
/* bearer.fcgi: the tutorial's three endpoints, and the guard of everything else. */
#include <bearer-app.h>

/* The tutorial's greeting. */
static int greet(struct bearer_call *call, void *state)
{
    static const char body[] =
        "{\"status\":\"success\",\"msg\":\"Hello from a public endpoint! You don't need to be "
        "authenticated to see this.\"}";
    (void)state;
    return bearer_reply(call, 200, "application/json", body, sizeof body - 1);
}

/* The claims, the very octets that were signed. */
static int show_claims(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *claims = bearer_claims(call, &length);
    (void)state;
    return bearer_reply(call, 200, "application/json", claims, length);
}

static int setup(struct bearer_app *app, void **state)
{
    (void)state;
    bearer_app_route(app, "GET", "/public", BEARER_PUBLIC, greet, "A greeting for everybody");
    bearer_app_route(app, "GET", "/private", "valid-token", show_claims, "The claims of the token");
    bearer_app_route(app, "GET", "/private-scoped", "scope=read:messages", show_claims,
                     "The claims of a token with the scope read:messages");
    return 0;
}

int main(int argc, char **argv)
{
    return bearer_app_main(argc, argv, NULL, setup, NULL);
}
