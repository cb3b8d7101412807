#include "door/access.h"

#include <string.h>
#include <time.h>

/* Apache does not pass the header by default; who set this up cannot see that from a 401. Once for each process; by plain CGI each request has its own, which cannot know what others
 * brought, so that there it is only for who asks for every detail. */
static void hint_apache(struct service *service, const struct request *request)
{
    const enum log_level level = service->origin.plain_cgi ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN;
    if (service->authorization_seen || service->hint_given || request->server == NULL ||
        strncmp(request->server, "Apache", 6) != 0) {
        return;
    }
    service->hint_given = true;
    log_line(
        &service->log, level,
        "no Authorization header has arrived in this process so far. If clients send one, Apache keeps it "
        "back: it passes it on only with \"CGIPassAuth On\" in the <Directory>, <Location> or .htaccess of "
        "this program (in an .htaccess without AuthConfig: SetEnvIf Authorization \"(.+)\" "
        "HTTP_AUTHORIZATION=$1). \"bearerctl doctor URL\" tries it");
}

static enum bearer_code meets(const struct requirement *requirement, const struct token *token,
                              const struct requirement **lacking)
{
    enum bearer_code code = requirement == NULL ? BEARER_OK : requirement_check(requirement, token->claims);
    if (code == BEARER_NOT_GRANTED) {
        *lacking = requirement;
    }
    return code;
}

enum bearer_code access_check(struct service *service, const struct request *request,
                              const struct demands *demands, struct token **token,
                              const struct requirement **lacking)
{
    const char *text = NULL;
    size_t length = 0;
    *lacking = NULL;
    service->authorization_seen = service->authorization_seen || request->authorization != NULL;
    enum bearer_code code = request_credentials(request, &text, &length);
    if (code == BEARER_NO_CREDENTIALS && !demands->token_needed && demands->location != NULL &&
        demands->location->optional) {
        return BEARER_OK; /* as nobody */
    }
    if (code == BEARER_NO_CREDENTIALS) {
        hint_apache(service, request);
    }
    if (code != BEARER_OK) {
        return code;
    }
    code = verifier_check(service->verifier, text, length, time(NULL), token);
    if (code == BEARER_OK) {
        code = meets(demands->location, *token, lacking);
    }
    if (code == BEARER_OK) {
        code = meets(demands->route, *token, lacking);
    }
    return code;
}

void access_deny(const struct service *service, enum bearer_code code, const struct requirement *lacking,
                 struct response *response)
{
    response_deny(response, code, service->config != NULL ? service->config->realm : NULL, lacking);
    if (code == BEARER_NO_KEYS) {
        response->retry_after = keycache_retry_after(service->cache);
    } else if (code == BEARER_WOULD_ALLOW) {
        response->retry_after = 1;
    }
}

bool access_location(const struct service *service, const struct request *request, bool needed,
                     struct requirement *requirement)
{
    struct diag diag = {0};
    requirement->text = NULL;
    if (request->require == NULL && !needed) {
        return true;
    }
    if (request->require == NULL && request_is_lookup(request)) {
        log_line(
            &service->log, LOG_LEVEL_DEBUG,
            "Apache looks up for itself what is guarded (for a PATH_INFO, a listing or an include), without "
            "BEARER_REQUIRE: it is told no, and no client is");
        return false;
    }
    if (request->require == NULL) {
        log_line(
            &service->log, LOG_LEVEL_ERROR,
            "a guarded location without BEARER_REQUIRE: nothing is let through. Set it for the location "
            "- lighttpd: setenv.set-environment; Apache: SetEnvIf Request_URI ^ BEARER_REQUIRE=valid-token "
            "(SetEnv does not reach an authorizer); nginx: auth_request \"/.bearer/valid-token\", which the "
            "fastcgi_param of guard.conf hands on");
        return false;
    }
    if (!requirement_parse(request->require, requirement, &diag)) {
        log_line(&service->log, LOG_LEVEL_ERROR, "BEARER_REQUIRE: %s", diag.text);
        return false;
    }
    return true;
}
