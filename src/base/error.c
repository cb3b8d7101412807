#include "base/error.h"

#include <stddef.h>

#define INVALID_TOKEN "invalid_token"

static const struct bearer_outcome outcomes[BEARER_CODE__MAX] = {
    [BEARER_DENIED] = {500, NULL, "internal", "Internal server error"},
    [BEARER_OK] = {200, NULL, "ok", "OK"},

    [BEARER_NO_CREDENTIALS] = {401, NULL, "no-credentials", "Not authenticated"},
    [BEARER_TWO_CREDENTIALS] = {400, "invalid_request", "two-credentials",
                                "More than one credential was sent"},

    [BEARER_TOKEN_TOO_LONG] = {401, INVALID_TOKEN, "token-too-long", "The token is longer than 16 KiB"},
    [BEARER_TOKEN_SEGMENTS] = {401, INVALID_TOKEN, "token-segments",
                               "The token is not three non-empty segments joined by dots"},
    [BEARER_TOKEN_BASE64] = {401, INVALID_TOKEN, "token-base64",
                             "A segment of the token is not canonical unpadded base64url"},

    [BEARER_HEADER_JSON] = {401, INVALID_TOKEN, "header-json",
                            "The token header is not a strict JSON object"},
    [BEARER_HEADER_ALG] = {401, INVALID_TOKEN, "header-alg", "The token header has no usable alg"},
    [BEARER_ALG_NOT_ALLOWED] = {401, INVALID_TOKEN, "alg-not-allowed",
                                "The token algorithm is not one that is accepted here"},
    [BEARER_HEADER_TYP] = {401, INVALID_TOKEN, "header-typ", "The token typ is not that of an access token"},
    [BEARER_HEADER_UNSUPPORTED] = {401, INVALID_TOKEN, "header-unsupported",
                                   "The token header has one of crit, b64, zip, enc or cty"},
    [BEARER_HEADER_KID] = {401, INVALID_TOKEN, "header-kid",
                           "The token kid is not a string of 1 to 256 octets"},

    [BEARER_KID_MISSING] = {401, INVALID_TOKEN, "kid-missing",
                            "The token names no key (kid) and there is not exactly one to try"},
    [BEARER_KID_UNKNOWN] = {401, INVALID_TOKEN, "kid-unknown", "The token names an unknown key (kid)"},
    [BEARER_KEY_UNFIT] = {401, INVALID_TOKEN, "key-unfit",
                          "The key the token names is not for its algorithm"},
    [BEARER_KEY_AMBIGUOUS] = {401, INVALID_TOKEN, "key-ambiguous",
                              "The key set has different keys under the kid of the token"},
    [BEARER_SIGNATURE] = {401, INVALID_TOKEN, "signature", "The token signature is not valid"},

    [BEARER_CLAIMS_JSON] = {401, INVALID_TOKEN, "claims-json",
                            "The token claims are not a strict JSON object"},
    [BEARER_ISS_MISSING] = {401, INVALID_TOKEN, "iss-missing", "The token has no issuer (iss) string"},
    [BEARER_ISS_WRONG] = {401, INVALID_TOKEN, "iss-wrong", "The token is from another issuer (iss)"},
    [BEARER_AUD_MISSING] = {401, INVALID_TOKEN, "aud-missing",
                            "The token has no audience (aud) that is a string or an array of strings"},
    [BEARER_AUD_WRONG] = {401, INVALID_TOKEN, "aud-wrong", "The token is for another audience (aud)"},
    [BEARER_EXP_MISSING] = {401, INVALID_TOKEN, "exp-missing", "The token has no expiry (exp)"},
    [BEARER_EXP_INVALID] = {401, INVALID_TOKEN, "exp-invalid", "The token expiry (exp) is not a date"},
    [BEARER_EXPIRED] = {401, INVALID_TOKEN, "expired", "The token has expired"},
    [BEARER_NBF_INVALID] = {401, INVALID_TOKEN, "nbf-invalid", "The token start (nbf) is not a date"},
    [BEARER_NOT_YET_VALID] = {401, INVALID_TOKEN, "not-yet-valid", "The token is not valid yet (nbf)"},
    [BEARER_IAT_INVALID] = {401, INVALID_TOKEN, "iat-invalid", "The token issue time (iat) is not a date"},
    [BEARER_IAT_FUTURE] = {401, INVALID_TOKEN, "iat-future", "The token is issued in the future (iat)"},
    [BEARER_SUB_INVALID] = {401, INVALID_TOKEN, "sub-invalid", "The token subject (sub) is not a string"},
    [BEARER_SENDER_CONSTRAINED] = {401, INVALID_TOKEN, "sender-constrained",
                                   "The token is bound to its sender (cnf) and was shown as a bearer token"},
    [BEARER_NOT_ACCESS_TOKEN] = {401, INVALID_TOKEN, "not-access-token",
                                 "The token is not an access token (by at_hash, c_hash, nonce or events)"},

    [BEARER_NOT_GRANTED] = {403, "insufficient_scope", "not-granted",
                            "The token does not grant what is required"},
    [BEARER_WOULD_ALLOW] = {503, NULL, "would-allow", "The request would be allowed now"},

    [BEARER_NO_KEYS] = {503, NULL, "no-keys", "Signing keys are unavailable"},
    [BEARER_MISCONFIGURED] = {500, NULL, "misconfigured", "Server misconfigured"},

    [BEARER_BAD_REQUEST] = {400, NULL, "bad-request", "Bad Request"},
    [BEARER_FORGED_HEADER] = {400, NULL, "forged-header", "A request header is not allowed"},
    [BEARER_NOT_FOUND] = {404, NULL, "not-found", "Not Found"},
    [BEARER_METHOD_NOT_ALLOWED] = {405, NULL, "method-not-allowed", "Method Not Allowed"},
};

const struct bearer_outcome *bearer_outcome(enum bearer_code code)
{
    return &outcomes[(unsigned)code < BEARER_CODE__MAX ? code : BEARER_DENIED];
}
