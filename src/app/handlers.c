/* SPDX-License-Identifier: MIT */
#include "app/handlers.h"

enum bearer_code handle_public(const struct call *call, struct response *response)
{
    static const char body[] =
        "{\"status\":\"success\",\"msg\":\"Hello from a public endpoint! You don't need to be "
        "authenticated to see this.\"}";
    (void)call;
    response_json(response, body, sizeof body - 1);
    return BEARER_OK;
}

enum bearer_code handle_private(const struct call *call, struct response *response)
{
    response_json(response, call->token->payload, call->token->payload_length);
    return BEARER_OK;
}
