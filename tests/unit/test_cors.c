/* SPDX-License-Identifier: MIT */
/* Who is named in an answer to a page of another origin. */
#include "app/cors.h"

#include "tap.h"

#define METHOD "HTTP_ACCESS_CONTROL_REQUEST_METHOD=GET"

/* What a 204 with Allow is completed to: the origin named, and whether it is one to a preflight. */
static void completes(char *const *origins, char *const *params, const char *origin, bool preflight,
                      const char *test)
{
    struct response response = {.status = 204, .allow = "GET, HEAD, OPTIONS"};
    cors_complete(origins, params, &response);
    is_string(response.cors_origin, origin, "%s", test);
    ok(response.preflight == preflight, preflight ? "  a preflight" : "  no preflight");
}

int main(void)
{
    char one[] = "https://app.example";
    char two[] = "http://localhost:3000";
    char star[] = "*";
    char *const origins[] = {one, two, NULL};
    char *const all[] = {star, NULL};
    char method[] = METHOD;
    char listed[] = "HTTP_ORIGIN=http://localhost:3000";
    char first[] = "HTTP_ORIGIN=https://app.example";
    char other[] = "REQUEST_METHOD=OPTIONS";
    completes(origins, (char *[]){other, listed, method, NULL}, two, true,
              "an origin that is listed");
    completes(origins, (char *[]){method, first, NULL}, one, true, "another");
    completes(origins, (char *[]){first, NULL}, one, false, "one that asks for no method");
    completes(origins, (char *[]){method, NULL}, "", false, "no origin");
    completes(all, (char *[]){method, NULL}, "*", false, "no origin, where all may");
    completes(all, (char *[]){(char[]){"HTTP_ORIGIN=https://anybody.example"}, method, NULL}, "*",
              true, "anybody, where all may");
    completes(origins, (char *[]){listed, method, first, NULL}, "", false,
              "two origins, each of them listed");
    static const char *const strangers[] = {"https://app.example/",
                                            "https://app.example:443",
                                            "https://app.exampl",
                                            "https://app.example.evil",
                                            "https://APP.example",
                                            "http://app.example",
                                            "null",
                                            "",
                                            "*",
                                            " https://app.example",
                                            "https://app.example ",
                                            "http://localhost",
                                            "http://localhost:30000"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        char origin[80];
        snprintf(origin, sizeof origin, "HTTP_ORIGIN=%s", strangers[i]);
        completes(origins, (char *[]){origin, method, NULL}, "", false, origin);
    }
    struct response response = {.status = 204};
    cors_complete(origins, (char *[]){listed, method, NULL}, &response);
    ok(!response.preflight && response.cors_origin == two,
       "a 204 of a handler is no answer to a preflight, and the origin named is the configured "
       "one");
    response = (struct response){.status = 405, .allow = "GET"};
    cors_complete(origins, (char *[]){listed, method, NULL}, &response);
    ok(!response.preflight && response.cors_origin == two, "nor is a 405");
    return tap_done();
}
