/* SPDX-License-Identifier: MIT */
/* What a profile asks of a token besides: cases from 140 on. In process only, each group at a site
 * of its own. */
#include "cases.h"

#define OTHER_HEADER "{" MEMBERS ",\"typ\":" EACH "}"
#define AT_JWT       GOOD ",\"client_id\":\"c\",\"jti\":\"j\",\"iat\":" AT(-10)
#define NO_SUB                                   \
    "\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE \
    "\",\"exp\":" AT(+3600) ",\"client_id\":\"c\",\"jti\":\"j\",\"iat\":" AT(-10)

#define NO_AUD "\"iss\":\"" ISSUER "\",\"sub\":\"auth0|1\",\"exp\":" AT(+3600)

const struct case_site profile_sites[] = {
    {"at+jwt", {"BEARER_TOKEN_TYP=at+jwt"}, "{" AT_JWT "}"},
    {"ID tokens", {"BEARER_ID_TOKENS=on"}, "{" GOOD ",\"at_hash\":\"x\"}"},
    {"ID tokens, at+jwt", {"BEARER_ID_TOKENS=on", "BEARER_TOKEN_TYP=at+jwt"}, "{" AT_JWT "}"},
    {"client_id", {"BEARER_AUDIENCE_CLAIM=client_id"}, "{" NO_AUD ",\"client_id\":\"" SECOND "\"}"},
    {NULL, {NULL}, NULL},
};

static const struct case_row at_jwt[] = {
    {140, BEARER_OK, .claims = "{" AT_JWT "}", .name = "an at+jwt with all that it has"},
    {140, BEARER_OK, .claims = "{" AT_JWT "}", .header = OTHER_HEADER,
     .values = OF("\"application/at+jwt\"", "\"AT+JWT\"", "\"at\\u002bjwt\"")},
    {140, BEARER_HEADER_TYP, .claims = "{" AT_JWT "}", .header = OTHER_HEADER,
     .values = OF("\"JWT\"", "\"jwt\"", "\"\"", "null", "\"at+jwt \"", "\"at-jwt\"", "\"at jwt\"",
                  "[\"at+jwt\"]", "\"logout+jwt\"", "\"application/application/at+jwt\"")},
    {140, BEARER_HEADER_TYP, .claims = "{" AT_JWT "}", .header = "{" MEMBERS "}", .name = "no typ"},
    {140, BEARER_CLAIM_LACKING, .name = "only what every token has"},
    {140, BEARER_CLAIM_LACKING, .claims = "{" NO_SUB EACH "}",
     .values = OF("", ",\"sub\":\"\"", ",\"Sub\":\"x\"")},
    {140, BEARER_CLAIM_LACKING,
     .claims = "{" GOOD ",\"jti\":\"j\",\"iat\":" AT(-10) ",\"client_id\":" EACH "}",
     .values = OF("\"\"", "null", "1", "[\"c\"]", "{}")},
    {140, BEARER_CLAIM_LACKING,
     .claims = "{" GOOD ",\"client_id\":\"c\",\"iat\":" AT(-10) ",\"jti\":" EACH "}",
     .values = OF("\"\"", "null", "7", "[]")},
    {140, BEARER_CLAIM_LACKING, .claims = "{" GOOD ",\"client_id\":\"c\",\"jti\":\"j\"}",
     .name = "no iat"},
    {140, BEARER_CLAIM_LACKING,
     .claims = "{" GOOD ",\"azp\":\"c\",\"cid\":\"c\",\"jti\":\"j\",\"iat\":" AT(-10) "}",
     .name = "a client by other names"},
    {140, BEARER_NOT_ACCESS_TOKEN, .claims = "{" AT_JWT ",\"at_hash\":\"x\"}",
     .name = "an ID token in an at+jwt"},
    {140, BEARER_SIGNATURE, .claims = "{" AT_JWT "}", .forged = true, .name = "a forged one"},
};

static const char *const marks[] = {"\"at_hash\":\"x\"",
                                    "\"c_hash\":\"x\"",
                                    "\"nonce\":\"n\"",
                                    "\"at_hash\":null",
                                    "\"at_hash\":\"x\",\"c_hash\":\"x\",\"nonce\":\"n\"",
                                    NULL};

static const struct case_row id_tokens[] = {
    {141, BEARER_OK, .claims = "{" GOOD "," EACH "}", .values = marks},
    {141, BEARER_OK, .claims = "{" GOOD "," EACH "}", .values = marks,
     .header = "{" MEMBERS ",\"typ\":\"JWT\"}"},
    {141, BEARER_NOT_ACCESS_TOKEN, .claims = "{" GOOD ",\"events\":" EACH "}",
     .values =
         OF("{\"http://schemas.openid.net/event/backchannel-logout\":{}}", "{}", "null", "\"x\"")},
    {141, BEARER_HEADER_TYP, .claims = "{" GOOD ",\"at_hash\":\"x\"}", .header = OTHER_HEADER,
     .values = OF("\"logout+jwt\"", "\"secevent+jwt\"", "\"dpop+jwt\"", "\"id_token\"")},
    {141, BEARER_SENDER_CONSTRAINED,
     .claims = "{" GOOD ",\"at_hash\":\"x\",\"cnf\":{\"jkt\":\"x\"}}", .name = "a bound one"},
    {141, BEARER_AUD_WRONG,
     .claims =
         "{\"iss\":\"" ISSUER "\",\"aud\":\"client\",\"at_hash\":\"x\",\"exp\":" AT(+3600) "}",
     .name = "for another client"},
};

static const struct case_row both[] = {
    {141, BEARER_OK, .claims = "{" AT_JWT ",\"at_hash\":\"x\"}", .name = "an at+jwt with at_hash"},
    {141, BEARER_CLAIM_LACKING, .claims = "{" GOOD ",\"at_hash\":\"x\"}",
     .name = "an ID token that says at+jwt"},
    {141, BEARER_HEADER_TYP, .claims = "{" AT_JWT ",\"at_hash\":\"x\"}",
     .header = "{" MEMBERS ",\"typ\":\"JWT\"}", .name = "an ID token"},
};

/* The audience by another claim. */
static const struct case_row audience_claim[] = {
    {142, BEARER_OK, .claims = "{" NO_AUD ",\"client_id\":" EACH "}",
     .values =
         OF("\"" AUDIENCE "\"", "\"" SECOND "\"", "[\"" SECOND "\"]", "[\"x\",\"" AUDIENCE "\"]")},
    {142, BEARER_AUDIENCE_CLAIM, .claims = "{" NO_AUD ",\"client_id\":" EACH "}",
     .values = OF("\"other\"", "\"\"", "null", "1", "true", "[]", "{}", "[\"" SECOND "\",1]",
                  "[[\"" SECOND "\"]]", "{\"" SECOND "\":true}", "\"" SECOND " \"",
                  "\"URN:hostile:second\"", "\"" SECOND " " AUDIENCE "\"")},
    {142, BEARER_AUDIENCE_CLAIM, .claims = "{" NO_AUD "}", .name = "no such claim"},
    {142, BEARER_AUDIENCE_CLAIM, .claims = "{" NO_AUD ",\"Client_id\":\"" SECOND "\"}",
     .name = "another case"},
    {142, BEARER_AUDIENCE_CLAIM, .claims = "{" GOOD "}", .name = "an aud that is good, alone"},
    {142, BEARER_OK, .claims = "{" GOOD ",\"client_id\":\"" SECOND "\"}", .name = "both good"},
    {142, BEARER_AUD_WRONG, .claims = "{" NO_AUD ",\"aud\":" EACH ",\"client_id\":\"" SECOND "\"}",
     .values = OF("\"other\"", "[]", "\"\"", "[\"account\"]")},
    {142, BEARER_AUD_MISSING,
     .claims = "{" NO_AUD ",\"aud\":" EACH ",\"client_id\":\"" SECOND "\"}",
     .values = OF("null", "1", "{}", "[1]")},
    {142, BEARER_CLAIMS_JSON,
     .claims = "{" NO_AUD ",\"client_id\":\"other\",\"client_id\":\"" SECOND "\"}",
     .name = "the claim twice"},
};

void family_profile(void)
{
    if (world.server != IN_PROCESS) {
        return;
    }
    world.site = "at+jwt";
    EMIT(at_jwt);
    world.site = "ID tokens";
    EMIT(id_tokens);
    world.site = "ID tokens, at+jwt";
    EMIT(both);
    world.site = "client_id";
    EMIT(audience_claim);
}
