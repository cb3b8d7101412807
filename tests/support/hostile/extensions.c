/* Keys that a token brings with it, and what would change its meaning: cases 48 to 60. */
#include <stdlib.h>
#include <string.h>

#include "mint.h"

#define MEMBERS "\"alg\":\"RS256\",\"kid\":\"rsa-1\""

/* A forged token whose header has these members, by each way of naming a key, then a good token with them, where they say nothing. */
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
        emit(number, forged[i].code, test_key_sign(mint.attacker, JWA_RS256, header, mint.good_claims),
             "%s, %s", name, forged[i].name);
        free(header);
    }
    char *header = text_of("{\"alg\":\"RS256\",%s}", more);
    mint.set = "single"; /* the one key that a token need not name */
    emit(number, BEARER_SIGNATURE, test_key_sign(mint.attacker, JWA_RS256, header, mint.good_claims),
         "%s, no kid and one key", name);
    mint.set = "main";
    free(header);
    header = text_of("{" MEMBERS ",%s}", more);
    emit(number, BEARER_OK, sign(header, mint.good_claims), "%s, ignored in a good token", name);
    free(header);
    free(more);
}

static void own_keys(void)
{
    char *jwk = test_key_jwk_with(mint.attacker, "\"use\":\"sig\",\"alg\":\"RS256\",");
    embedded(48, text_of("\"jwk\":%s", jwk), "jwk");
    free(jwk);
    embedded(49, text_of("\"jku\":\"%sjwks.json\"", mint.bait), "jku");
    embedded(50, text_of("\"x5u\":\"%scertificate.pem\"", mint.bait), "x5u");
    char *x5c = certificate(mint.attacker);
    embedded(51, text_of("\"x5c\":[\"%s\"]", x5c), "x5c");
    embedded(51, text_of("\"x5t\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"x5t#S256\":\"AA\""), "x5t");
    embedded(51,
             text_of("\"x5c\":[\"%s\"],\"x5u\":\"%s\",\"jku\":\"%s\",\"jwk\":1", x5c, mint.bait, mint.bait),
             "all of them");
    free(x5c);
}

/* A good token with one more member in its header. */
static void member(int number, enum bearer_code code, const char *text)
{
    char *header = text_of("{" MEMBERS ",%s}", text);
    emit(number, code, sign(header, mint.good_claims), "%s", text);
    free(header);
}

/* RFC 7797: the payload as it is, not in base64url. */
static void unencoded(void)
{
    static const char header[] = "{" MEMBERS ",\"b64\":false,\"crit\":[\"b64\"]}";
    unsigned char signature[TEST_SIGNATURE_MAX];
    char *first = test_base64url(header, strlen(header));
    char *input = text_of("%s.%s", first, mint.good_claims);
    size_t length = test_key_signature(mint.rsa, JWA_RS256, input, strlen(input), signature);
    char *last = test_base64url(signature, length);
    char *token = test_token(header, mint.good_claims, signature, length);
    emit(54, BEARER_HEADER_UNSUPPORTED, token, "signed unencoded, sent encoded");
    /* Its dots and commas make it no token at all. */
    emit(54, BEARER_TWO_CREDENTIALS, text_of("%s.%s", input, last), "unencoded");
    free(last);
    free(input);
    free(first);
}

static void extensions(void)
{
    static const struct {
        int number;
        const char *member;
    } rows[] = {
        {52, "\"crit\":[\"exp\"],\"exp\":1"},
        {52, "\"crit\":[\"urn:x\"],\"urn:x\":true"},
        {53, "\"crit\":[]"},
        {53, "\"crit\":\"b64\""},
        {53, "\"crit\":null"},
        {53, "\"crit\":false"},
        {53, "\"crit\":0"},
        {53, "\"crit\":{}"},
        {53, "\"crit\":[1]"},
        {53, "\"crit\":[\"x\",\"x\"],\"x\":1"},
        {53, "\"crit\":[\"alg\",\"kid\"]"},
        {53, "\"crit\":[\"absent\"]"},
        {53, "\"cri\\u0074\":[]"},
        {54, "\"b64\":false,\"crit\":[\"b64\"]"},
        {55, "\"b64\":false"},
        {55, "\"b64\":0"},
        {56, "\"b64\":true,\"crit\":[\"b64\"]"},
        {57, "\"zip\":\"DEF\""},
        {57, "\"zip\":null"},
        {57, "\"enc\":\"A256GCM\""},
        {57, "\"cty\":\"JWT\""},
        {57, "\"cty\":\"\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        member(rows[i].number, BEARER_HEADER_UNSUPPORTED, rows[i].member);
    }
    emit(53, BEARER_HEADER_JSON, sign("{" MEMBERS ",\"crit\":[\"x\"],\"crit\":[],\"x\":1}", mint.good_claims),
         "crit twice");
    unencoded();
}

static void types(void)
{
    static const char *const good[] = {"at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt",
                                       "JWT",    "jwt"};
    static const char *const bad[] = {"dpop+jwt",
                                      "logout+jwt",
                                      "secevent+jwt",
                                      "JOSE",
                                      "JWE",
                                      "id_token",
                                      "at+jwt ",
                                      "at+jwt;v=1",
                                      "xat+jwt",
                                      "application/jwt",
                                      "application/dpop+jwt",
                                      ""};
    static const char *const others[] = {"null", "true", "1", "[\"at+jwt\"]", "{\"at+jwt\":1}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char *text = text_of("\"typ\":\"%s\"", good[i]);
        member(58, BEARER_OK, text);
        free(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *text = text_of("\"typ\":\"%s\"", bad[i]);
        member(59, BEARER_HEADER_TYP, text);
        free(text);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char *text = text_of("\"typ\":%s", others[i]);
        member(60, BEARER_HEADER_TYP, text);
        free(text);
    }
    emit(60, BEARER_OK, sign("{" MEMBERS "}", mint.good_claims), "no typ");
}

void family_extensions(void)
{
    own_keys();
    extensions();
    types();
}
