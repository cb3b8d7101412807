/* SPDX-License-Identifier: MIT */
#include "guard/authorize.h"

#include <stdlib.h>

#include "answer/variables.h"

/* Behind a guard a program believes what such a header says. Which it was is for the operator: an
 * honest client is as puzzled as its user. */
static enum bearer_code refuse_forged(const struct guard *guard, const struct request *request)
{
    char name[80];
    log_line(
        &guard->log, request->role == ROLE_DENY ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN,
        "the request header that arrived as \"%s\" was refused: a guarded program could take it "
        "for what a token says. Names that read as Bearer-..., Remote-User or Auth-Type are for "
        "this guard alone",
        log_escape(name, sizeof name, request->forged, request->forged_length));
    return BEARER_FORGED_HEADER;
}

/* What the web server is told of the token, or of nobody. NULL: out of memory. */
static const char *variables(struct guard *guard, struct exchange *exchange)
{
    struct token *token =
        exchange->verdict.token != NULL ? exchange->verdict.token : &exchange->nobody;
    const struct profile *profile = guard_profile(guard, exchange);
    const bool several = exchange->choice.count > 1;
    if (token->rendered != NULL && token->rendered_for_several != several) {
        free(token->rendered); /* another location has shown it */
        token->rendered = NULL;
    }
    if (token->rendered == NULL) {
        token->rendered = variables_write(token, profile->config,
                                          guard->live.profiles->config->claim_variables, several);
        token->rendered_for_several = several;
        verifier_rendered(profile->verifier, token);
    }
    if (token->rendered == NULL || !variables_are_kept(exchange->params)) {
        return token->rendered;
    }
    return exchange->response.own = variables_unsaid(token->rendered, exchange->params);
}

enum bearer_code guard_judge(struct guard *guard, struct exchange *exchange)
{
    if (!guard_location(guard, true, exchange)) {
        return BEARER_MISCONFIGURED;
    }
    if (exchange->request.forged != NULL) {
        return refuse_forged(guard, &exchange->request);
    }
    const struct demands demands = {
        .location = exchange->location, .of_profile = exchange->of_profile, .guard = true};
    enum bearer_code code = guard_check(guard, &demands, exchange);
    return code == BEARER_OK && exchange->request.role != ROLE_AUTHORIZER ? BEARER_WOULD_ALLOW
                                                                          : code;
}

enum bearer_code guard_authorize(struct guard *guard, struct exchange *exchange)
{
    enum bearer_code code = guard_judge(guard, exchange);
    if (code != BEARER_OK) {
        return code;
    }
    exchange->response.variables = variables(guard, exchange);
    if (exchange->response.variables == NULL) {
        return BEARER_DENIED;
    }
    exchange->response.status = 200;
    return BEARER_OK;
}
