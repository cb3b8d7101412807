/* SPDX-License-Identifier: MIT */
/* What a profile asks of a token besides: cases from 140 on, each group at a site of its own. */
#include <stdlib.h>

#include "cases.h"

#define OTHER_HEADER "{" MEMBERS ",\"typ\":" EACH "}"
#define AT_JWT       GOOD ",\"client_id\":\"c\",\"jti\":\"j\",\"iat\":" AT(-10)
#define NO_SUB                                   \
    "\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE \
    "\",\"exp\":" AT(+3600) ",\"client_id\":\"c\",\"jti\":\"j\",\"iat\":" AT(-10)

#define NO_AUD "\"iss\":\"" ISSUER "\",\"sub\":\"auth0|1\",\"exp\":" AT(+3600)

#define TENANT       "11111111-2222-3333-4444-55555555abcd"
#define STRANGER     "99999999-2222-3333-4444-55555555abcd"
#define TENANTS_REST "\"aud\":\"" AUDIENCE "\",\"exp\":" AT(+3600)
#define OF_ISS(iss)  "{\"iss\":\"" iss "\"," TENANTS_REST ",\"tid\":\"" TENANT "\"}"
#define OF_TENANT(i, t) \
    "{\"iss\":\"https://login.test/" i "/v2.0\"," TENANTS_REST ",\"tid\":\"" t "\"}"

const struct case_site profile_sites[] = {
    {"at-jwt", {"BEARER_TOKEN_TYP=at+jwt"}, "{" AT_JWT "}"},
    {"id-tokens", {"BEARER_ID_TOKENS=on"}, "{" GOOD ",\"at_hash\":\"x\"}"},
    {"id-tokens-at-jwt", {"BEARER_ID_TOKENS=on", "BEARER_TOKEN_TYP=at+jwt"}, "{" AT_JWT "}"},
    {"client-id", {"BEARER_AUDIENCE_CLAIM=client_id"}, "{" NO_AUD ",\"client_id\":\"" SECOND "\"}"},
    {"tenants",
     {"AUTH0_ISSUER=https://login.test/{tenantid}/v2.0", "BEARER_TENANTS=" TENANT},
     OF_TENANT(TENANT, TENANT)},
    {"every-tenant",
     {"AUTH0_ISSUER=https://login.test/{tenantid}/v2.0", "BEARER_TENANTS=*"},
     OF_TENANT(STRANGER, STRANGER)},
    {GUARD_SITE, {"BEARER_AUDIENCE_CLAIM=none"}, "{" NO_AUD "}"},
    {"user", {"BEARER_USER_CLAIM=email"}, "{" GOOD ",\"email\":\"a@b\",\"email_verified\":true}"},
    {"nested-user", {"BEARER_USER_CLAIM=/act/name"}, "{" GOOD ",\"act\":{\"name\":\"a\"}}"},
    {"sub", {"BEARER_USER_CLAIM=sub"}, "{" GOOD "}"},
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

/* An issuer of many tenants. */
static const struct case_row of_tenants[] = {
    {143, BEARER_OK, .claims = OF_TENANT(TENANT, TENANT), .name = "the tenant"},
    {143, BEARER_TENANT, .claims = OF_TENANT(STRANGER, STRANGER), .name = "another tenant"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT(STRANGER, TENANT), .name = "tid swapped"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT(TENANT, STRANGER), .name = "iss swapped"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT("{tenantid}", "{tenantid}"),
     .name = "the placeholder itself"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT("{tenantid}", TENANT), .name = "the template"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT("*", "*"), .name = "a star"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT("", ""), .name = "no tenant"},
    {143, BEARER_ISS_WRONG,
     .claims =
         OF_TENANT("11111111-2222-3333-4444-55555555ABCD", "11111111-2222-3333-4444-55555555ABCD"),
     .name = "in capitals"},
    {143, BEARER_ISS_WRONG,
     .claims =
         OF_TENANT("11111111222233334444555555555abcdef0", "11111111222233334444555555555abcdef0"),
     .name = "without hyphens"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT(TENANT "0", TENANT "0"), .name = "a digit more"},
    {143, BEARER_ISS_WRONG,
     .claims = "{\"iss\":\"https://login.test/" TENANT "/v2.0\"," TENANTS_REST EACH "}",
     .values = OF("", ",\"tid\":null", ",\"tid\":1", ",\"tid\":[\"" TENANT "\"]",
                  ",\"tenant\":\"" TENANT "\"")},
    {143, BEARER_ISS_WRONG, .claims = OF_ISS(EACH),
     .values = OF("https://login.test/" TENANT "/v2.0/", "https://login.test/" TENANT "/v1.0",
                  "https://evil.test/" TENANT "/v2.0", "https://login.test/" TENANT,
                  "https://login.test/" TENANT "/" TENANT "/v2.0",
                  "HTTPS://login.test/" TENANT "/v2.0", "https://login.test//v2.0", ISSUER)},
    {143, BEARER_ISS_MISSING, .claims = "{" TENANTS_REST ",\"tid\":\"" TENANT "\"}",
     .name = "no iss"},
    {143, BEARER_CLAIMS_JSON,
     .claims = "{\"iss\":\"https://login.test/" TENANT "/v2.0\"," TENANTS_REST
               ",\"tid\":\"" STRANGER "\",\"tid\":\"" TENANT "\"}",
     .name = "tid twice"},
    {143, BEARER_CLAIMS_JSON,
     .claims =
         "{\"iss\":\"https://login.test/" STRANGER "/v2.0\",\"iss\":\"https://login.test/" TENANT
         "/v2.0\"," TENANTS_REST ",\"tid\":\"" TENANT "\"}",
     .name = "iss twice"},
};

static const struct case_row of_any_tenant[] = {
    {143, BEARER_OK, .claims = OF_TENANT(TENANT, TENANT), .name = "a tenant"},
    {143, BEARER_OK, .claims = OF_TENANT(STRANGER, STRANGER), .name = "another one"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT(STRANGER, TENANT), .name = "tid swapped"},
    {143, BEARER_ISS_WRONG, .claims = OF_TENANT("common", "common"), .name = "none"},
};

/* Two keys under one kid, of which one is bound to an issuer that is not this one. */
static void beside_another(const char *claims)
{
    struct test_key *ours = test_key_again(world.rsa, "shared");
    struct test_key *other = test_key_again(world.other, "shared");
    set_key(test_key_jwk_with(other, "\"issuer\":\"https://sts.test/{tenantid}/\","), "shared",
            JWK_ELIGIBLE);
    set_key(test_key_jwk_with(ours, "\"issuer\":\"https://login.test/{tenantid}/v2.0\","), "shared",
            JWK_ELIGIBLE);
    emit(144, BEARER_OK, test_key_sign(ours, JWA_RS256, HEADER_OF("RS256", "shared"), claims),
         "beside another's key of the same kid");
    emit(144, BEARER_SIGNATURE,
         test_key_sign(other, JWA_RS256, HEADER_OF("RS256", "shared"), claims),
         "by another's key, beside ours of the same kid");
    test_key_free(ours);
    test_key_free(other);
}

/* Keys that the issuer has published for one issuer, under kids that are alike. */
static void bound_keys(void)
{
    static const struct {
        enum bearer_code code;
        const char *issuer, *kid;
    } rows[] = {
        {BEARER_OK, "https://login.test/{tenantid}/v2.0", "template"},
        {BEARER_OK, "https://login.test/" TENANT "/v2.0", "this"},
        {BEARER_KEY_ISSUER, "https://login.test/" STRANGER "/v2.0", "stranger"},
        {BEARER_KID_UNKNOWN, "https://sts.test/{tenantid}/", "other template"},
        {BEARER_KID_UNKNOWN, "https://login.test/{tenantid}/v2.0/", "slash"},
        {BEARER_KID_UNKNOWN, "{tenantid}", "alone"},
        {BEARER_KID_UNKNOWN, "https://login.test/" TENANT "/v1.0", "literal"},
    };
    size_t length = 0;
    char *claims = expanded(OF_TENANT(TENANT, TENANT), NULL, &length);
    world.set = "bound";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *more = text_of("\"issuer\":\"%s\",", rows[i].issuer);
        char *header = text_of(HEADER_OF("RS256", "%s"), rows[i].kid);
        struct test_key *key = test_key_again(world.other, rows[i].kid);
        set_key(test_key_jwk_with(key, more), rows[i].kid, JWK_ELIGIBLE);
        emit(144, rows[i].code, test_key_sign(key, JWA_RS256, header, claims), "a key of %s",
             rows[i].issuer);
        test_key_free(key);
        free(header);
        free(more);
    }
    /* The same key for two issuers: which is meant is not said. */
    struct test_key *twice = test_key_again(world.other, "twice");
    set_key(test_key_jwk_with(twice, "\"issuer\":\"https://login.test/" STRANGER "/v2.0\","),
            "twice", JWK_ELIGIBLE);
    set_key(test_key_jwk_with(twice, "\"issuer\":\"https://login.test/" TENANT "/v2.0\","), "twice",
            JWK_ELIGIBLE);
    emit(144, BEARER_KEY_AMBIGUOUS,
         test_key_sign(twice, JWA_RS256, HEADER_OF("RS256", "twice"), claims), "a key of two");
    set_key(test_key_jwk_with(world.other, "\"issuer\":7,"), "rsa-2", JWK_ISSUER);
    emit(144, BEARER_KID_UNKNOWN,
         test_key_sign(world.other, JWA_RS256, HEADER_OF("RS256", "rsa-2"), claims), "a key of 7");
    test_key_free(twice);
    beside_another(claims);
    set_end("bound");
    world.set = "main";
    free(claims);
}

/* A token without the user that is asked for. */
static const struct case_row user[] = {
    {145, BEARER_OK, .claims = "{" GOOD ",\"email\":\"a@b\",\"email_verified\":true}"},
    {145, BEARER_NO_USER, .claims = "{" GOOD "}", .name = "none"},
    {145, BEARER_NO_USER, .claims = "{" GOOD ",\"email\":\"a@b\"" EACH "}",
     .values = OF("", ",\"email_verified\":false", ",\"email_verified\":\"true\"",
                  ",\"email_verified\":1", ",\"Email_verified\":true")},
    {145, BEARER_NO_USER, .claims = "{" GOOD ",\"email_verified\":true,\"email\":" EACH "}",
     .values = OF("\"\"", "null", "true", "[\"a@b\"]", "{}")},
    {145, BEARER_NOT_ACCESS_TOKEN, .claims = "{" GOOD ",\"at_hash\":\"x\"}",
     .name = "an ID token without one"},
    {145, BEARER_CLAIMS_JSON,
     .claims = "{" GOOD ",\"email\":\"a@b\",\"email_verified\":false,\"email_verified\":true}",
     .name = "verified and not"},
};

static const struct case_row nested_user[] = {
    {145, BEARER_OK, .claims = "{" GOOD ",\"act\":{\"name\":" EACH "}}",
     .values = OF("\"a\"", "7")},
    {145, BEARER_NO_USER, .claims = "{" GOOD "," EACH "}",
     .values = OF("\"act\":{}", "\"act\":null", "\"act\":\"name\"", "\"act\":[{\"name\":\"a\"}]",
                  "\"/act/name\":\"a\"", "\"act\":{\"name\":{\"name\":\"a\"}}")},
};

static const struct case_row of_sub[] = {
    {145, BEARER_OK, .name = "a sub"},
    {145, BEARER_NO_USER, .claims = "{\"iss\":\"" ISSUER "\"," TENANTS_REST "}", .name = "no sub"},
};

/* Nothing says for whom it is; where something does, that counts. */
static const struct case_row no_audience[] = {
    {142, BEARER_OK, .claims = "{" NO_AUD "}", .name = "none is asked for"},
    {142, BEARER_OK, .claims = "{" GOOD "}", .name = "a good one is there"},
    {142, BEARER_AUD_WRONG, .claims = "{" NO_AUD ",\"aud\":" EACH "}",
     .values = OF("\"other\"", "[]", "\"none\"")},
    {142, BEARER_AUD_MISSING, .claims = "{" NO_AUD ",\"aud\":" EACH "}", .values = OF("null", "7")},
    {142, BEARER_ISS_WRONG, .claims = "{\"iss\":\"https://evil.test/\",\"exp\":" AT(+3600) "}",
     .name = "of another issuer"},
};

void family_profile(void)
{
    world.site = "at-jwt";
    EMIT(at_jwt);
    world.site = "id-tokens";
    EMIT(id_tokens);
    world.site = "id-tokens-at-jwt";
    EMIT(both);
    world.site = "client-id";
    EMIT(audience_claim);
    world.site = "tenants";
    EMIT(of_tenants);
    bound_keys();
    world.site = "every-tenant";
    EMIT(of_any_tenant);
    if (world.server == IN_PROCESS) {
        world.site = GUARD_SITE;
        EMIT(no_audience);
    }
    world.site = "user";
    EMIT(user);
    world.site = "nested-user";
    EMIT(nested_user);
    world.site = "sub";
    EMIT(of_sub);
}
