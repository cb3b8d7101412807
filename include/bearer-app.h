/* SPDX-License-Identifier: MIT */
/* Endpoints of your own behind verified tokens, over FastCGI and plain CGI: bearer-app(3).
 *
 *     static int hello(struct bearer_call *call, void *state)
 *     {
 *         return bearer_reply(call, 200, "text/plain", "hello\n", 6);
 *     }
 *
 *     static int setup(struct bearer_app *app, void **state)
 *     {
 *         bearer_app_route(app, "GET", "/hello", BEARER_PUBLIC, hello, "A greeting");
 *         return 0;
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         return bearer_app_main(argc, argv, "Greetings 1.0", setup, NULL);
 *     }
 */
#ifndef BEARER_APP_H
#define BEARER_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#define BEARER_API                 __attribute__((visibility("default")))
#define BEARER_FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define BEARER_API
#define BEARER_FORMAT(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct bearer_app;
struct bearer_route;
struct bearer_call;
struct json_object; /* json-c's, for those who use it */

/* The requirement of what everybody may have. */
#define BEARER_PUBLIC "public"

/* Answers one request. `state` is what setup made. What it returns is for itself: a request that it
 * has not answered is answered 500. */
typedef int bearer_handler(struct bearer_call *call, void *state);

/* Adds the routes, before the first request. Not 0: the program stops. */
typedef int bearer_setup(struct bearer_app *app, void **state);
/* Ends what setup began, after the last request or when setup has failed. */
typedef void bearer_close(void *state);

/* Serves until the web server ends it, or answers the one request of plain CGI; for main() to
 * return. `title` is a name and a version, for documentation: "Items 1.0"; NULL: BEARER_REALM, and
 * the version of this library. `close` may be NULL. */
BEARER_API int bearer_app_main(int argc, char **argv, const char *title, bearer_setup *setup,
                               bearer_close *close);

/* ---- Declarations, in setup. They borrow their texts, which have to stay. What is wrong with one
 * stops the program after setup, and says in which route; until then nothing has to be checked, and
 * a route may be NULL. ---- */

/* `method` is any but HEAD, which goes with GET, and OPTIONS, which is answered everywhere. `path`
 * begins with `/`; `{name}` in it is one segment. `requirement` is BEARER_PUBLIC, or the grammar of
 * BEARER_REQUIRE: "valid-token", "permission=read:items". `summary` is a line for documentation,
 * and may be NULL. */
BEARER_API struct bearer_route *bearer_app_route(struct bearer_app *app, const char *method,
                                                 const char *path, const char *requirement,
                                                 bearer_handler *handler, const char *summary);

/* path|query NAME string|integer|number|boolean|word,word... [MIN..MAX] [= DEFAULT | optional]
 * [repeated] */
BEARER_API void bearer_route_param(struct bearer_route *route, const char *declaration);

/* A body of this media type and of at most `max` octets, which is there when the handler is
 * entered: application/json is read for bearer_json(), application/x-www-form-urlencoded for
 * bearer_form(). `schema` (JSON Schema as JSON; NULL: none) is published and NOT checked. */
BEARER_API void bearer_route_body(struct bearer_route *route, const char *type, size_t max,
                                  const char *schema);

/* A body of this type that the handler reads piece by piece, by bearer_read(). */
BEARER_API void bearer_route_upload(struct bearer_route *route, const char *type, size_t max);

/* One of the answers, for documentation. `type` and `schema` may be NULL. */
BEARER_API void bearer_route_answer(struct bearer_route *route, int status, const char *type,
                                    const char *schema);

/* ---- What was asked. All of it lives until the handler returns. ---- */

/* Parameters as declared. Of a repeated one the first; of an optional one that is not there 0,
 * false or NULL: bearer_given() is how many there are. */
BEARER_API int64_t bearer_integer(struct bearer_call *call, const char *name);
BEARER_API double bearer_number(struct bearer_call *call, const char *name);
BEARER_API bool bearer_boolean(struct bearer_call *call, const char *name);
BEARER_API const char *bearer_string(struct bearer_call *call, const char *name);
BEARER_API size_t bearer_given(struct bearer_call *call, const char *name);

/* The text of a parameter of the query, declared or not, or of a field of an urlencoded body: the
 * one with this index among those of this name. NULL: there is none. */
BEARER_API const char *bearer_query(struct bearer_call *call, const char *name, size_t index);
BEARER_API const char *bearer_form(struct bearer_call *call, const char *name, size_t index);

/* A request header, by its own name: "Accept-Language". NULL: it is not there. */
BEARER_API const char *bearer_header(struct bearer_call *call, const char *name);
/* A variable of the web server's: "REMOTE_ADDR". NULL: it is not there. */
BEARER_API const char *bearer_variable(struct bearer_call *call, const char *name);

/* The body, with a NUL behind it. NULL: the route takes none. `length` may be NULL. */
BEARER_API const char *bearer_body(struct bearer_call *call, size_t *length);
/* The body as json-c's value, the call's. */
BEARER_API struct json_object *bearer_json(struct bearer_call *call);
/* The next octets of the body of bearer_route_upload(), at most `size`; 0: its end; negative: it is
 * cut short or too large, and the handler should end. */
BEARER_API long bearer_read(struct bearer_call *call, void *bytes, size_t size);

/* ---- Who asks. Without a verified token, as on a public route, NULL or false. ---- */

BEARER_API const char *bearer_sub(struct bearer_call *call);
/* A claim's text, by its name or as a JSON Pointer: "/realm_access/roles/0". NULL: there is none,
 * or it is an object, an array or null. */
BEARER_API const char *bearer_claim(struct bearer_call *call, const char *where);
/* All of them, as they were signed. `length` may be NULL. */
BEARER_API const char *bearer_claims(struct bearer_call *call, size_t *length);
/* Whether the token grants this, in the grammar of BEARER_REQUIRE. */
BEARER_API bool bearer_meets(struct bearer_call *call, const char *requirement);

/* ---- The answer, once. 0, or negative: it was not sent, and the log says why. ---- */

/* `type` NULL: no body. */
BEARER_API int bearer_reply(struct bearer_call *call, int status, const char *type,
                            const void *bytes, size_t length);
/* An object or array of json-c, which is released in any case. */
BEARER_API int bearer_reply_json(struct bearer_call *call, int status, struct json_object *value);
/* What is to be read from here on in a file or a pipe, which stays the caller's. */
BEARER_API int bearer_reply_fd(struct bearer_call *call, int status, const char *type, int fd);
/* {"detail":TEXT} */
BEARER_API int bearer_fail(struct bearer_call *call, int status, const char *text);

/* Before the answer. A line end in one, and a header that is the library's own, are refused. */
BEARER_API int bearer_add_header(struct bearer_call *call, const char *name, const char *value);

/* An answer that is made while it is sent, at most for BEARER_STREAM_SECONDS. bearer_write() is
 * negative when the client is gone. A handler that returns something else than 0 has the connection
 * cut, so that nobody takes the answer for whole. */
BEARER_API int bearer_begin(struct bearer_call *call, int status, const char *type);
BEARER_API int bearer_write(struct bearer_call *call, const void *bytes, size_t length);

/* ---- Beside it ---- */

/* Memory until the handler returns, not cleared; NULL: there is none. */
BEARER_API void *bearer_alloc(struct bearer_call *call, size_t size);

/* A line in the log, at the level `warn`. */
BEARER_API void bearer_log(struct bearer_call *call, const char *format, ...) BEARER_FORMAT(2, 3);

#ifdef __cplusplus
}
#endif

#endif
