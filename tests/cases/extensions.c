/* SPDX-License-Identifier: MIT */
/* Keys that a token brings with it, and what would change its meaning: cases 48 to 60. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"

/* A forged token whose header has these members, by each way of naming a key, then a good token
 * with them, where they say nothing. */
static void embedded(int number, char *more, const char *name)
{
    static const struct {
        const char *kid;
        enum bearer_code code;
        const char *name;
    } forged[] = {{",\"kid\":\"rsa-1\"", BEARER_SIGNATURE, "the issuer's kid"},
                  {",\"kid\":\"evil\"", BEARER_KID_UNKNOWN, "a kid of its own"},
                  {"", BEARER_KID_MISSING, "no kid"}};
    for (size_t i = 0; i < 3; i++) {
        char *header = text_of("{\"alg\":\"RS256\"%s,%s}", forged[i].kid, more);
        emit(number, forged[i].code,
             test_key_sign(world.attacker, JWA_RS256, header, world.good_claims), "%s, %s", name,
             forged[i].name);
        free(header);
    }
    char *header = text_of("{\"alg\":\"RS256\",%s}", more);
    world.set = "single"; /* the one key that a token need not name */
    emit(number, BEARER_SIGNATURE,
         test_key_sign(world.attacker, JWA_RS256, header, world.good_claims),
         "%s, no kid and one key", name);
    world.set = "main";
    free(header);
    header = text_of("{" MEMBERS ",%s}", more);
    emit(number, BEARER_OK, sign(header, world.good_claims), "%s, ignored in a good token", name);
    free(header);
    free(more);
}

static void own_keys(void)
{
    char *jwk = test_key_jwk_with(world.attacker, "\"use\":\"sig\",\"alg\":\"RS256\",");
    embedded(48, text_of("\"jwk\":%s", jwk), "jwk");
    free(jwk);
    embedded(49, text_of("\"jku\":\"%sjwks.json\"", world.bait), "jku");
    embedded(50, text_of("\"x5u\":\"%scertificate.pem\"", world.bait), "x5u");
    char *x5c = certificate(world.attacker);
    embedded(51, text_of("\"x5c\":[\"%s\"]", x5c), "x5c");
    embedded(49, text_of("\"jku\":\"" ISSUER "jwks.json\""), "jku, the issuer's own");
    embedded(51, text_of("\"jwk\":\"rsa-1\",\"jku\":1,\"x5u\":null,\"x5c\":{}"),
             "of the wrong type");
    embedded(51, text_of("\"x5t\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"x5t#S256\":\"AA\""), "x5t");
    embedded(51,
             text_of("\"x5c\":[\"%s\"],\"x5u\":\"%s\",\"jku\":\"%s\",\"jwk\":1", x5c, world.bait,
                     world.bait),
             "all of them");
    free(x5c);
}

/* RFC 7797: the payload as it is, not in base64url. */
static void unencoded(void)
{
    static const char header[] = "{" MEMBERS ",\"b64\":false,\"crit\":[\"b64\"]}";
    unsigned char signature[TEST_SIGNATURE_MAX];
    char *first = test_base64url(header, strlen(header));
    char *input = text_of("%s.%s", first, world.good_claims);
    size_t length = test_key_signature(world.rsa, JWA_RS256, input, strlen(input), signature);
    char *last = test_base64url(signature, length);
    char *token = test_token(header, world.good_claims, signature, length);
    emit(54, BEARER_HEADER_UNSUPPORTED, token, "signed unencoded, sent encoded");
    /* Its dots and commas make it no token at all. */
    emit(54, BEARER_TWO_CREDENTIALS, text_of("%s.%s", input, last), "unencoded");
    free(last);
    free(input);
    free(first);
}

#define MORE "{" MEMBERS "," EACH "}"
#define TYP  "{" MEMBERS ",\"typ\":" EACH "}"

static const struct case_row rows[] = {
    {52, BEARER_HEADER_UNSUPPORTED, .header = MORE,
     .values = OF("\"crit\":[\"exp\"],\"exp\":1", "\"crit\":[\"urn:x\"],\"urn:x\":true",
                  "\"crit\":[\"http://evil.test/x\"],\"http://evil.test/x\":true")},
    {53, BEARER_HEADER_UNSUPPORTED, .header = "{" MEMBERS ",\"crit\":" EACH "}",
     .values = OF("[]", "\"b64\"", "null", "false", "0", "{}", "[1]", "[\"x\",\"x\"],\"x\":1",
                  "[\"alg\",\"kid\"]", "[\"absent\"]")},
    {53, BEARER_HEADER_UNSUPPORTED, .header = MORE, .values = OF("\"cri\\u0074\":[]")},
    {53, BEARER_HEADER_JSON, .header = MORE, .values = OF("\"crit\":[\"x\"],\"crit\":[],\"x\":1")},
    {54, BEARER_HEADER_UNSUPPORTED, .header = MORE,
     .values = OF("\"b64\":false,\"crit\":[\"b64\"]")},
    {55, BEARER_HEADER_UNSUPPORTED, .header = MORE, .values = OF("\"b64\":false", "\"b64\":0")},
    {56, BEARER_HEADER_UNSUPPORTED, .header = MORE,
     .values = OF("\"b64\":true,\"crit\":[\"b64\"]", "\"b64\":true")},
    {57, BEARER_HEADER_UNSUPPORTED, .header = MORE,
     .values = OF("\"zip\":\"DEF\"", "\"zip\":null", "\"enc\":\"A256GCM\"", "\"cty\":\"JWT\"",
                  "\"cty\":\"\"", "\"cty\":null")},
    {58, BEARER_OK, .header = TYP,
     .values = OF("\"at+jwt\"", "\"AT+JWT\"", "\"application/at+jwt\"", "\"Application/AT+jwt\"",
                  "\"JWT\"", "\"jwt\"", "\"Jwt\"")},
    {59, BEARER_HEADER_TYP, .header = TYP,
     .values = OF("\"dpop+jwt\"", "\"logout+jwt\"", "\"secevent+jwt\"", "\"JOSE\"", "\"JWE\"",
                  "\"id_token\"", "\"at+jwt \"", "\" JWT\"", "\"JWTx\"", "\"JW\"", "\"at-jwt\"",
                  "\"at+jw\"", "\"at\\u000bjwt\"", "\"at+jwt;v=1\"", "\"xat+jwt\"",
                  "\"application/jwt\"", "\"application/dpop+jwt\"", "\"\"")},
    {60, BEARER_HEADER_TYP, .header = TYP,
     .values = OF("null", "true", "1", "[\"JWT\"]", "[\"at+jwt\"]", "{\"at+jwt\":1}")},
    {60, BEARER_OK, .header = "{" MEMBERS "}", .name = "no typ"},
};

void family_extensions(void)
{
    own_keys();
    EMIT(rows);
    unencoded();
}
