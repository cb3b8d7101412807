/* SPDX-License-Identifier: MIT */
#include "jose/jwk_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "jose/base64url.h"
#include "json/json.h"

static const struct jwk_kind kinds[] = {
    {"RSA", NULL, GNUTLS_ECC_CURVE_INVALID, 0, jwk_read_rsa, {"e", "n"}},
    {"EC", "P-256", GNUTLS_ECC_CURVE_SECP256R1, 32, jwk_read_ec, {"x", "y"}},
    {"EC", "P-384", GNUTLS_ECC_CURVE_SECP384R1, 48, jwk_read_ec, {"x", "y"}},
    {"EC", "P-521", GNUTLS_ECC_CURVE_SECP521R1, 66, jwk_read_ec, {"x", "y"}},
    {"OKP", "Ed25519", GNUTLS_ECC_CURVE_ED25519, 32, jwk_read_ed25519, {"x"}},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

const char *jwk_fit_text(enum jwk_fit fit)
{
    static const char *const texts[JWK_FIT__MAX] = {
        [JWK_FAILED] = "memory ran out",
        [JWK_ELIGIBLE] = "it is eligible",
        [JWK_NOT_OBJECT] = "it is not a JSON object",
        [JWK_KTY] = "its kty is none of RSA, EC, OKP",
        [JWK_CRV] = "its crv is none of P-256, P-384, P-521 (kty EC), Ed25519 (kty OKP)",
        [JWK_USE] = "its use is not sig",
        [JWK_KEY_OPS] = "its key_ops is not an array with verify",
        [JWK_ALG] = "its alg is not one of the configured algorithms, or not for this kind of key",
        [JWK_NO_ALG] = "none of the configured algorithms works with this kind of key",
        [JWK_KID] = "its kid is not a string of 1 to 256 octets",
        [JWK_ISSUER] = "its issuer is not a string of 1 to 2048 octets",
        [JWK_ENCODING] = "a member of the key itself is missing or not base64url",
        [JWK_RSA_SIZE] = "the RSA modulus has fewer than 2048 or more than 8192 bits",
        [JWK_RSA_MODULUS] = "the RSA modulus is even",
        [JWK_RSA_EXPONENT] = "the RSA exponent is not an odd number from 3 to 2^32 - 1",
        [JWK_EC_LENGTH] = "an EC coordinate is not as long as the field of its curve",
        [JWK_EC_POINT] = "the EC point is not on its curve",
        [JWK_ED_LENGTH] = "the Ed25519 key is not 32 octets long",
        [JWK_ED_POINT] = "the Ed25519 point is of small order or not in its canonical form",
        [JWK_IMPORT] = "GnuTLS refused it",
    };
    const char *text = (unsigned)fit < JWK_FIT__MAX ? texts[fit] : NULL;
    return text != NULL ? text : texts[JWK_FAILED];
}

/* Some issuers write null where there is nothing to say. */
static bool is_absent(const struct json_object *members, const char *name)
{
    enum js_type type = js_type(members, name);
    return type == JS_ABSENT || type == JS_NULL;
}

/* The kind of this key; NULL and why not in *fit. */
static const struct jwk_kind *kind_of(const struct json_object *members, enum jwk_fit *fit)
{
    *fit = JWK_KTY;
    for (size_t i = 0; i < KINDS; i++) {
        if (!js_string_is(members, "kty", kinds[i].kty)) {
            continue;
        }
        if (kinds[i].crv == NULL || js_string_is(members, "crv", kinds[i].crv)) {
            *fit = JWK_ELIGIBLE;
            return &kinds[i];
        }
        *fit = JWK_CRV;
    }
    return NULL;
}

/* RFC 7517, sections 4.2 and 4.3: what the key is for. */
static enum jwk_fit judge_purpose(const struct json_object *members)
{
    if (!is_absent(members, "use") && !js_string_is(members, "use", "sig")) {
        return JWK_USE;
    }
    if (is_absent(members, "key_ops")) {
        return JWK_ELIGIBLE;
    }
    const struct json_object *ops = js_array(members, "key_ops");
    for (size_t i = 0; i < js_array_length(ops); i++) {
        size_t length = 0;
        const char *op = js_array_string(ops, i, &length);
        if (op != NULL && length == strlen("verify") && memcmp(op, "verify", length) == 0) {
            return JWK_ELIGIBLE;
        }
    }
    return JWK_KEY_OPS;
}

/* RFC 7517, section 4.4: with `alg` it is for that one only. */
static enum jwk_fit judge_alg(const struct json_object *members, const struct jwk_kind *kind,
                              unsigned asked, unsigned *algs)
{
    *algs = asked & jwa_of_key(kind->kty, kind->crv);
    if (is_absent(members, "alg")) {
        return *algs != 0 ? JWK_ELIGIBLE : JWK_NO_ALG;
    }
    size_t length = 0;
    const char *name = js_string(members, "alg", &length);
    enum jwa alg = name == NULL ? JWA_UNKNOWN : jwa_parse(name, length);
    *algs &= alg == JWA_UNKNOWN ? 0 : JWA_BIT(alg);
    return *algs != 0 ? JWK_ELIGIBLE : JWK_ALG;
}

static enum jwk_fit judge_kid(const struct json_object *members, const char **kid, size_t *length)
{
    *kid = js_string(members, "kid", length);
    if (is_absent(members, "kid")) {
        return JWK_ELIGIBLE;
    }
    return *kid != NULL && *length > 0 && *length <= JWK_KID_MAX ? JWK_ELIGIBLE : JWK_KID;
}

/* Whose key it is, for who has set this up for several issuers. */
static enum jwk_fit judge_issuer(const struct json_object *members, const char **issuer)
{
    size_t length = 0;
    *issuer = js_string(members, "issuer", &length);
    if (is_absent(members, "issuer")) {
        return JWK_ELIGIBLE;
    }
    return *issuer != NULL && length > 0 && length <= JWK_ISSUER_MAX ? JWK_ELIGIBLE : JWK_ISSUER;
}

enum jwk_fit jwk_import(const struct json_object *members, unsigned algs, struct jwk **key)
{
    *key = NULL;
    if (members == NULL) {
        return JWK_NOT_OBJECT;
    }
    enum jwk_fit fit = JWK_FAILED;
    const struct jwk_kind *kind = kind_of(members, &fit);
    if (kind == NULL) {
        return fit;
    }
    fit = judge_purpose(members);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    unsigned usable = 0;
    fit = judge_alg(members, kind, algs, &usable);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    const char *kid = NULL;
    size_t kid_length = 0;
    fit = judge_kid(members, &kid, &kid_length);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    const char *issuer = NULL;
    fit = judge_issuer(members, &issuer);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    struct jwk_material material = {0};
    fit = kind->read(members, kind, &material);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    struct jwk *made = calloc(1, sizeof *made + material.length);
    char *bound = issuer != NULL ? strdup(issuer) : NULL;
    if (made == NULL || (issuer != NULL && bound == NULL)) {
        gnutls_pubkey_deinit(material.pubkey);
        free(made);
        free(bound);
        return JWK_FAILED;
    }
    made->issuer = bound;
    made->pubkey = material.pubkey;
    made->kind = kind;
    made->algs = usable;
    made->signature_length = material.signature_length;
    made->material_length = material.length;
    memcpy(made->material, material.octets, material.length);
    if (kid != NULL) {
        made->kid_length = kid_length;
        memcpy(made->kid, kid, kid_length);
    }
    *key = made;
    return JWK_ELIGIBLE;
}

void jwk_free(struct jwk *key)
{
    if (key != NULL) {
        gnutls_pubkey_deinit(key->pubkey);
        free(key->issuer);
        free(key);
    }
}

void jwk_cleanup(struct jwk **key)
{
    jwk_free(*key);
}

const char *jwk_kid(const struct jwk *key, size_t *length)
{
    *length = key->kid_length;
    return key->kid_length == 0 ? NULL : key->kid;
}

const char *jwk_issuer(const struct jwk *key)
{
    return key->issuer;
}

bool jwk_same_issuer(const struct jwk *one, const struct jwk *other)
{
    return one->issuer == other->issuer || (one->issuer != NULL && other->issuer != NULL &&
                                            strcmp(one->issuer, other->issuer) == 0);
}

unsigned jwk_algs(const struct jwk *key)
{
    return key->algs;
}

struct jwk_public jwk_public(const struct jwk *key)
{
    return (struct jwk_public){
        .handle = key->pubkey, .algs = key->algs, .signature_length = key->signature_length};
}

bool jwk_same_material(const struct jwk *one, const struct jwk *other)
{
    return one->kind == other->kind && one->material_length == other->material_length &&
           memcmp(one->material, other->material, one->material_length) == 0;
}

static bool set_text(struct json_object *to, const char *name, const char *text)
{
    return js_set_string(to, name, text, strlen(text));
}

/* The numbers of the key, in the order in which its material holds them. False: memory ran out. */
static bool set_material(struct json_object *to, const struct jwk *key)
{
    char text[BASE64URL_ENCODED(JWK_MATERIAL_MAX) + 1];
    size_t at = 0;
    for (size_t i = 0; key->kind->names[i] != NULL; i++) {
        size_t length = key->kind->octets;
        if (length == 0) { /* RSA */
            length = i == 0 ? JWK_EXPONENT_OCTETS : key->material_length - at;
        }
        size_t zeros = 0;
        while (key->kind->octets == 0 &&
               key->material[at + zeros] == 0) { /* an integer has none before it */
            zeros++;
        }
        base64url_encode(key->material + at + zeros, length - zeros, text);
        if (!set_text(to, key->kind->names[i], text)) {
            return false;
        }
        at += length;
    }
    return true;
}

/* What the key is for, where its members say so. False: memory ran out. */
static bool set_purpose(struct json_object *to, const struct json_object *members)
{
    size_t length = 0;
    const char *alg = js_string(members, "alg", &length);
    if ((!is_absent(members, "use") && !set_text(to, "use", "sig")) ||
        (alg != NULL && !set_text(to, "alg", jwa_name(jwa_parse(alg, length))))) {
        return false;
    }
    if (is_absent(members, "key_ops")) {
        return true;
    }
    struct json_object *ops CLEANUP(js_cleanup) =
        js_new_array(); /* not as it is: anything could be in that array */
    return ops != NULL && js_append_string(ops, "verify", strlen("verify")) &&
           js_set_value(to, "key_ops", steal(&ops));
}

struct json_object *jwk_public_members(const struct json_object *members, const struct jwk *key)
{
    const struct jwk_kind *kind = key->kind;
    struct json_object *made CLEANUP(js_cleanup) = js_new_object();
    bool whole = made != NULL && set_text(made, "kty", kind->kty) &&
                 (key->kid_length == 0 || js_set_string(made, "kid", key->kid, key->kid_length)) &&
                 (key->issuer == NULL || set_text(made, "issuer", key->issuer)) &&
                 set_purpose(made, members) &&
                 (kind->crv == NULL || set_text(made, "crv", kind->crv)) && set_material(made, key);
    return whole ? steal(&made) : NULL;
}
