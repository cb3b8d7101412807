/* Who may pass: credentials, token, requirement, in this order. The same for an endpoint and for a guarded location. */
#ifndef FB_DOOR_ACCESS_H
#define FB_DOOR_ACCESS_H

#include "answer/response.h"
#include "door/request.h"
#include "guard/service.h"
#include "policy/requirement.h"
#include "token/token.h"

/* BEARER_OK if the request shows a token that is valid now and meets each requirement there is (`location` and `route` may be NULL): *token, borrowed until the next
 * request, is verified. Also BEARER_OK, with *token as it was, if it shows no credentials, `location` is optional and `route_access` does not ask for a token. Anything else is a denial; of BEARER_NOT_GRANTED
 * *lacking is the requirement that was not met. */
struct demands {
    const struct requirement *location; /* BEARER_REQUIRE of the web server */
    const struct requirement *route;
    bool token_needed; /* even where the location is optional */
};
enum bearer_code access_check(struct service *service, const struct request *request,
                              const struct demands *demands, struct token **token,
                              const struct requirement **lacking);

/* Fills `response` for a denial: response_deny(), as this process is configured, and Retry-After where the client is to come back. */
void access_deny(const struct service *service, enum bearer_code code, const struct requirement *lacking,
                 struct response *response);

/* Reads the location's BEARER_REQUIRE. False, with a line in the log that says how to pass it, if it is not in the grammar, or absent though `needed`.
 * requirement->text is NULL if there is none. */
bool access_location(const struct service *service, const struct request *request, bool needed,
                     struct requirement *requirement);

#endif
