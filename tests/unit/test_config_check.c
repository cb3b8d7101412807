/* SPDX-License-Identifier: MIT */
#include "config_test.h"

#include "config/config_issuer.h"

#include "config/config_list.h"

#define AUDIENCE "\nAUTH0_API_AUDIENCE=a\n"

static void identity(void)
{
    refused("AUTH0_DOMAIN=https://x.eu.auth0.com/" AUDIENCE,
            "AUTH0_DOMAIN (|env:1)|write x.eu.auth0.com", "a URL as domain");
    refused("AUTH0_DOMAIN=X.EU.auth0.com" AUDIENCE, "lower case; write x.eu.auth0.com",
            "a domain in capitals");
    refused("AUTH0_DOMAIN=x.eu.auth0.com." AUDIENCE, "write x.eu.auth0.com",
            "a domain with a dot at its end");
    refused("AUTH0_DOMAIN=localhost:8443" AUDIENCE, "write localhost, or|set AUTH0_ISSUER",
            "a domain with a port");
    refused("AUTH0_DOMAIN=https://kc.example/realms/x" AUDIENCE,
            "write kc.example, or|set AUTH0_ISSUER", "another issuer's URL as domain");
    refused("AUTH0_DOMAIN='https://me:pw@x.example'" AUDIENCE, "write x.example",
            "a domain with a user");
    refused("AUTH0_DOMAIN='not a host'" AUDIENCE, "'not a host'|write not", "words as domain");
    refused("AUTH0_DOMAIN=ex..ample" AUDIENCE, "not a host name|example.eu.auth0.com",
            "an empty label");
    refused("AUTH0_DOMAIN=-x.example" AUDIENCE, "not a host name",
            "a label that begins with a hyphen");
    refused("AUTH0_DOMAIN='ten!ant.example'" AUDIENCE, "not a host name",
            "a character that no host has");
    refused("AUTH0_DOMAIN=..." AUDIENCE, "not a host name", "dots alone");
    char text[600];
    snprintf(text, sizeof text, "AUTH0_DOMAIN=%0254d" AUDIENCE, 0);
    refused(text, "not a host name", "a domain longer than any");
    snprintf(text, sizeof text, "AUTH0_DOMAIN=%0253d" AUDIENCE, 0);
    ok(load(text, nothing) != NULL, "and the longest there may be");
    refused("AUTH0_API_AUDIENCE=a\n", "AUTH0_DOMAIN: is not set|AUTH0_ISSUER",
            "no domain, no issuer");
    refused("AUTH0_ISSUER=\nAUTH0_API_AUDIENCE=a\n", "AUTH0_ISSUER (|is empty",
            "an empty issuer is not missing too");
    refused("AUTH0_API_AUDIENCE=a\nBEARER_JWKS_URI=https://x/\n", "AUTH0_DOMAIN: is not set",
            "keys without an issuer");

    struct config *config = load("AUTH0_ISSUER=https://id.example/realms/x" AUDIENCE, nothing);
    ok(config != NULL && strcmp(config->issuer, "https://id.example/realms/x") == 0,
       "an issuer alone, as it stands");
    is_string(config != NULL ? config_keys_uri(config) : NULL,
              "https://id.example/realms/x/.well-known/openid-configuration",
              "its keys are to be discovered");
    ok(config != NULL && config->jwks_uri == NULL && config->discovery_uri != NULL,
       "by nothing else");
    config = load("AUTH0_ISSUER=https://id.example//" AUDIENCE, nothing);
    is_string(config != NULL ? config->discovery_uri : NULL,
              "https://id.example/.well-known/openid-configuration", "with exactly one slash");
    is_string(config != NULL ? config->issuer : NULL, "https://id.example//",
              "while the issuer keeps its own");
    refused("AUTH0_ISSUER=http://id.example/" AUDIENCE,
            "AUTH0_ISSUER (|env:1)|plain http|write https://", "an http issuer");
    refused("AUTH0_ISSUER=http://id.example/" AUDIENCE, "set BEARER_JWKS_URI to where its keys are",
            "which would do as a name");
    refused("AUTH0_ISSUER='http://id.example/ x'" AUDIENCE, "plain http",
            "another fault comes after it");
    refused("AUTH0_ISSUER=id.example" AUDIENCE, "does not begin with https://",
            "an issuer without a scheme");
    refused("AUTH0_ISSUER='https://id.example/ x'" AUDIENCE, "holds a space",
            "an issuer with a space");
    refused("AUTH0_ISSUER=https://" AUDIENCE, "no valid host", "an issuer without a host");
    refused("AUTH0_ISSUER=https://h:99999/" AUDIENCE, "no valid host", "a port that is none");
    refused("AUTH0_ISSUER=https://h:/" AUDIENCE, "no valid host", "an empty port");
    refused("AUTH0_ISSUER=https://h:1234567/" AUDIENCE, "no valid host",
            "a port with too many digits");
    refused("AUTH0_ISSUER=https://h:80x/" AUDIENCE, "no valid host", "a port with a letter");
    refused("AUTH0_ISSUER=https://[::1" AUDIENCE, "no valid host", "half an address");
    refused("AUTH0_ISSUER=https://[::1%/" AUDIENCE, "no valid host", "one that is not closed");
    refused("AUTH0_ISSUER=https://[]/" AUDIENCE, "no valid host", "an empty one");
    refused("AUTH0_ISSUER=https://[::1]x/" AUDIENCE, "no valid host", "text behind one");
    ok(load("AUTH0_ISSUER=https://[::1]:8443/" AUDIENCE, nothing) != NULL,
       "a whole one with a port");
    refused("AUTH0_ISSUER='https://h/<x>'" AUDIENCE, "another character that no URL has",
            "a character that no URL has");
    refused("AUTH0_ISSUER=https://h/\xc3\xa4" AUDIENCE, "another character that no URL has",
            "one that is not ASCII");
    refused("AUTH0_ISSUER=https://u@h/" AUDIENCE, "user name", "an issuer with a user");
    refused("AUTH0_ISSUER=https://h/?x" AUDIENCE, "set BEARER_JWKS_URI too",
            "discovery with a query");
    refused("AUTH0_ISSUER=http://h/?x" AUDIENCE, "plain http", "of an issuer that will do");
    refused("AUTH0_ISSUER=//" AUDIENCE, "does not begin with https://", "not of slashes");

    config = load(BASE "AUTH0_ISSUER=https://x.eu.auth0.com\n", nothing);
    ok(config != NULL && strcmp(config->issuer, "https://x.eu.auth0.com") == 0,
       "an issuer without its slash is taken");
    has(said, "with a warning that gives the right one", "W AUTH0_ISSUER: ", "no slash",
        "https://x.eu.auth0.com/; write that", NULL);
    load("AUTH0_ISSUER=https://y.us.auth0.com" AUDIENCE, nothing);
    has(said, "even without a domain, at auth0.com", "W AUTH0_ISSUER: ", "https://y.us.auth0.com/",
        NULL);
    load(BASE "AUTH0_ISSUER=https://x.eu.auth0.com/\n", nothing);
    is_string(said, "", "with the slash nothing is said");
    load(BASE "AUTH0_ISSUER=https://id.example.com\n", nothing);
    is_string(said, "", "nor of another issuer beside the domain");
    load(BASE "AUTH0_ISSUER=http://x.eu.auth0.com/\n", nothing);
    has(said, "of the domain's by plain http it is", "W AUTH0_ISSUER: ", "is plain http",
        "https://x.eu.auth0.com/; write that", NULL);
    load(BASE "AUTH0_ISSUER=http://x.eu.auth0.com.example/\n", nothing);
    is_string(said, "", "but not of a longer host");
    load("AUTH0_ISSUER=https://a.b" AUDIENCE, nothing);
    is_string(said, "", "nor of a short one");
}

static void key_uris(void)
{
    refused(BASE "BEARER_JWKS_URI=http://h/k\n",
            "BEARER_JWKS_URI (|env:3)|plain http|write https://", "keys over http");
    refused(BASE "BEARER_JWKS_URI=ftp://h/k\n", "does not begin with https://", "keys over ftp");
    refused(BASE "BEARER_JWKS_URI=https://h/k#x\n", "fragment; remove", "a fragment");
    refused(BASE "BEARER_JWKS_URI=/srv/keys\n", "write file:///srv/keys", "a path");
    refused(BASE "BEARER_JWKS_URI=file://srv/keys\n", "three slashes", "a file on another host");
    refused(BASE "BEARER_JWKS_URI=file:srv\n", "three slashes", "a relative file");
    refused(BASE "BEARER_JWKS_URI=file:///a%00b\n", "file:///PATH", "a NUL in a path");
    refused(BASE "BEARER_JWKS_URI=file:///a%2\n", "file:///PATH", "half an escape");
    refused(BASE "BEARER_JWKS_URI=file:///a%zz\n", "file:///PATH", "no escape");
    refused(BASE "BEARER_JWKS_URI=file:///a%2G\n", "file:///PATH", "a digit that is none");

    char text[20000];
    put(at("my keys.json"), "{}");
    snprintf(text, sizeof text, "AUTH0_ISSUER=any-name" AUDIENCE "BEARER_JWKS_URI=file://%s\n",
             at("my%%20keys.json"));
    struct config *config = load(text, nothing);
    ok(config != NULL && strcmp(config->issuer, "any-name") == 0,
       "with keys from a file the issuer is only a name");
    is_string(config != NULL ? config->jwks_file : said, at("my keys.json"),
              "their path is decoded");
    ok(config != NULL && config->jwks_uri == NULL && config_keys_uri(config) == NULL,
       "nothing is fetched");
    snprintf(text, sizeof text, "AUTH0_ISSUER=any-name" AUDIENCE "BEARER_JWKS_URI=file://%s\n",
             at("m%%79 keys%%2Ejson"));
    config = load(text, nothing);
    is_string(config != NULL ? config->jwks_file : said, at("my keys.json"),
              "escapes may be capitals, and stand for anything");
    snprintf(text, sizeof text, BASE "BEARER_JWKS_URI=file://%s\n", at("nokeys"));
    refused(text, "BEARER_JWKS_URI (|nokeys does not exist", "a file of keys that is not there");
    chmod(at("my keys.json"), 0622);
    snprintf(text, sizeof text, BASE "BEARER_JWKS_URI=file://%s\n", at("my%%20keys.json"));
    refused(text, "BEARER_JWKS_URI (|chmod go-w '", "one that others can write");
}

/* Names that are only compared, with the keys at this URI. */
static void names_with(const char *uri)
{
    static const char *const good[] = {"x",
                                       "http://keycloak:8080/realms/x",
                                       "accounts.google.com",
                                       "P2abc",
                                       "urn:issuer:",
                                       "https://h/<x>",
                                       "https://u@h/",
                                       "https://",
                                       "//",
                                       "n\xc3\xa4me",
                                       "https://h/\xe6\x97\xa5",
                                       "\xf0\x9f\x94\x91",
                                       "a,b",
                                       "it's"};
    static const struct {
        const char *name, *why;
    } bad[] = {
        {"two words", "holds a space"},        {"a\xc2\xa0-", "holds a space"},
        {"a\xe3\x80\x80-", "holds a space"},   {"a\xe2\x80\x8b-", "not visible"},
        {"a\xe2\x80\xae-", "not visible"},     {"a\xc2\x85-", "not visible"},
        {"a\xef\xbb\xbf", "not visible"},      {"a\xee\x80\x80", "not visible"},
        {"a\xef\xbf\xbf", "not visible"},      {"n\xe4me", "is not text in UTF-8"},
        {"a\xc3", "is not text in UTF-8"},     {"\xc0\xaf", "is not text in UTF-8"},
        {"\xed\xa0\x80", "not text in UTF-8"}, {"\xf4\x90\x80\x80", "not text in UTF-8"},
    };
    char text[20000];
    char fragments[200];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "AUTH0_ISSUER=\"%s\"" AUDIENCE "BEARER_JWKS_URI=%s\n", good[i],
                 uri);
        struct config *config = load(text, nothing);
        ok(config != NULL && strcmp(config->issuer, good[i]) == 0 && *said == '\0',
           "a name that is only compared: %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(fragments, sizeof fragments, "AUTH0_ISSUER (|env:1)|%s|write the exact `iss`",
                 bad[i].why);
        snprintf(text, sizeof text, "AUTH0_ISSUER=\"%s\"" AUDIENCE "BEARER_JWKS_URI=%s\n",
                 bad[i].name, uri);
        refused(text, fragments, bad[i].why);
    }
}

static void issuer_names(void)
{
    char text[20000];
    char file[9000];
    char name[2 * CONFIG_ISSUER_MAX + 3];
    put(at("named.json"), "{}");
    snprintf(file, sizeof file, "file://%s", at("named.json"));
    names_with("https://h/k");
    names_with(file);
    ok(load(BASE "AUTH0_ISSUER=http://keycloak:8080/x\n", nothing) != NULL,
       "the keys of a domain are found without it, too");
    for (size_t i = 0; i <= CONFIG_ISSUER_MAX; i++) {
        memcpy(name + 2 * i, "\xc3\xa4", 3);
    }
    snprintf(text, sizeof text, "AUTH0_ISSUER=%s" AUDIENCE "BEARER_JWKS_URI=https://h/k\n", name);
    refused(text, "AUTH0_ISSUER (|longer than 512 characters", "one character more than 512");
    name[2 * CONFIG_ISSUER_MAX] = '\0';
    snprintf(text, sizeof text, "AUTH0_ISSUER=%s" AUDIENCE "BEARER_JWKS_URI=https://h/k\n", name);
    ok(load(text, nothing) != NULL, "512 of them, whatever octets they take");
    memset(name, 'x', sizeof name);
    snprintf(text, sizeof text, "AUTH0_ISSUER=https://h/%.503s" AUDIENCE, name);
    refused(text, "AUTH0_ISSUER (|longer than 512 characters", "nor may a URL to ask be longer");
}

#define ENTRA   "AUTH0_ISSUER=https://login.microsoftonline.com/{tenantid}/v2.0" AUDIENCE
#define KEYS_AT "BEARER_JWKS_URI=https://h/k\n"
#define GUID    "11111111-2222-3333-4444-55555555abcd"

static void tenants(void)
{
    struct config *config = load(ENTRA KEYS_AT "BEARER_TENANTS='" GUID ", " GUID "'\n", nothing);
    ok(config != NULL && config_has_tenant(config, GUID) && *said == '\0', "a tenant, twice");
    ok(config != NULL && !config_has_tenant(config, "21111111-2222-3333-4444-55555555abcd") &&
           !config_has_tenant(config, NULL),
       "and no other");
    config = load(ENTRA KEYS_AT "BEARER_TENANTS=*\n", nothing);
    ok(config != NULL && config_has_tenant(config, GUID) && !config_has_tenant(config, NULL),
       "every tenant, but nobody without one");
    refused(ENTRA KEYS_AT, "BEARER_TENANTS|is not set, but AUTH0_ISSUER holds {tenantid}|set it to",
            "a template alone");
    refused(ENTRA "BEARER_TENANTS=*\n",
            "BEARER_JWKS_URI|no keys are found|common/discovery/v2.0/keys", "without its keys");
    refused(BASE "AUTH0_ISSUER=https://x/{tenantid}\nBEARER_TENANTS=*\n", "BEARER_JWKS_URI|no keys",
            "a domain has not those of all tenants");
    refused(BASE "BEARER_TENANTS=" GUID "\n",
            "BEARER_TENANTS (|env:3)|for an AUTH0_ISSUER with {tenantid}|or remove this",
            "tenants without a template");
    refused(ENTRA KEYS_AT "BEARER_TENANTS=contoso\n",
            "BEARER_TENANTS (|env:4)|'contoso' is not the id of a tenant|GUIDs", "a name");
    refused(ENTRA KEYS_AT "BEARER_TENANTS=11111111-2222-3333-4444-55555555ABCD\n",
            "in lower case|" GUID, "capitals");
    refused(ENTRA KEYS_AT "BEARER_TENANTS='* " GUID "'\n", "* stands for every tenant",
            "a star first");
    refused(ENTRA KEYS_AT "BEARER_TENANTS='" GUID " *'\n", "* stands for every tenant",
            "a star last");
    refused("AUTH0_ISSUER={tenantid}/{tenantid}" AUDIENCE KEYS_AT "BEARER_TENANTS=*\n",
            "AUTH0_ISSUER (|holds {tenantid} twice", "two places");
    ok(load("AUTH0_ISSUER=https://x/{tenant}" AUDIENCE KEYS_AT, nothing) != NULL,
       "another word in braces is a name");
    has(said, "of which doctor warns", "W AUTH0_ISSUER: ", "holds braces", "{tenantid}", NULL);
}

static void issuers_meet(void)
{
    static const struct {
        const char *one, *other;
        bool meet;
    } rows[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a/{tenantid}/b", "a/{tenantid}/b", true},
        {"a/{tenantid}/b", "a/" GUID "/b", true},
        {"a/{tenantid}/b", "a/" GUID "/c", false},
        {"a/{tenantid}/b", "a/" GUID, false},
        {"a/{tenantid}/b", "a/11111111-2222-3333-4444-55555555ABCD/b", false},
        {"a/{tenantid}/b", "a/{tenantid}/c", false},
        {"a{tenantid}", "{tenantid}a", false},
        {"{tenantid}1", "{tenantid}2", false},
        {"{tenantid}", "x{tenantid}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ok(config_issuers_meet(rows[i].one, rows[i].other) == rows[i].meet &&
               config_issuers_meet(rows[i].other, rows[i].one) == rows[i].meet,
           "%s and %s", rows[i].one, rows[i].other);
    }
}

/* Audiences that hold what separates them, and the line that says the same again. */
static void audiences(void)
{
    static const struct {
        const char *value; /* in the file */
        const char *items[4];
    } rows[] = {
        {"a b,c", {"a", "b", "c"}},
        {"\"'my api'\"", {"my api"}},
        {"'\"my api\"'", {"my api"}},
        {"https://x 'my api'", {"https://x", "my api"}},
        {"\"'a, b',c 'd'\"", {"a, b", "c", "d"}},
        {"'\"it is \\\"so\\\" \\\\\" x'", {"it is \"so\" \\", "x"}},
        {"x O'Reilly", {"x", "O'Reilly"}},
        {"\"\\\"it's\\\"\"", {"it's"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2000];
        snprintf(text, sizeof text, "AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE=%s\n",
                 rows[i].value);
        for (int again = 0; again < 2; again++) {
            struct config *config = load(text, nothing);
            bool good = config != NULL;
            char list[8192] = "";
            char line[CONFIG_ITEM_MAX];
            char item[CONFIG_ITEM_MAX];
            for (size_t j = 0; good && j < 4; j++) {
                const char *is = config->audiences[j];
                const char *wanted = rows[i].items[j];
                good = (is == NULL) == (wanted == NULL) && (is == NULL || strcmp(is, wanted) == 0);
                if (is == NULL || !good) {
                    break;
                }
                good = config_item(item, is, strlen(is));
                snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", j > 0 ? " " : "",
                         item);
            }
            ok(good && config_file_value(line, list), "K5: AUTH0_API_AUDIENCE=%s%s", rows[i].value,
               again ? ", as it is written again" : "");
            snprintf(text, sizeof text, "AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE=%s\n", line);
        }
    }
    char out[CONFIG_ITEM_MAX];
    ok(!config_item(out, "", 0) && !config_item(out, "\xc3\xa9", 2) && !config_item(out, "a\n", 2),
       "K5: what no list can hold has no line");
    ok(!config_file_value(out, "${x}"), "K5: nor what would be expanded");
#define AUD "AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE="
    refused(AUD "\"'my api\"\n", "AUTH0_API_AUDIENCE (|env:2)|a quote that is not closed",
            "K5: an open quote");
    refused(AUD "x 'a'b\n", "has text right after a closing quote", "K5: text after a quote");
    refused(AUD "x ''\n", "an empty pair of quotes", "K5: nothing in quotes");
#undef AUD
    refused(BASE "AUTH0_ALGORITHMS='EdDSA HS256'\n",
            "HS256 is symmetric|remove it, and let the issuer sign with what is left",
            "K5: no advice for RS256 where another one is configured");
    refused(BASE "AUTH0_ALGORITHMS='ES256 none'\n", "'none' would let anybody in|remove it",
            "K5: nor beside none");
}

static void token_settings(void)
{
    struct config *config =
        load("AUTH0_DOMAIN=x.eu.auth0.com\nBEARER_AUDIENCE_CLAIM=none\n", nothing);
    ok(config != NULL && config_audience_is_open(config) && !config_has_audience(config, "", 0),
       "without need of an audience there may be none");
    refused("AUTH0_DOMAIN=x.eu.auth0.com\nBEARER_AUDIENCE_CLAIM=azp\n",
            "AUTH0_API_AUDIENCE: is not set", "but by another claim there has to be one");
    refused(BASE "BEARER_AUDIENCE_CLAIM=none\nBEARER_TOKEN_TYP=at+jwt\n",
            "BEARER_AUDIENCE_CLAIM (|an at+jwt", "nor with at+jwt");
    refused(BASE "BEARER_TOKEN_TYP=jwt\n",
            "BEARER_TOKEN_TYP (|env:3)|'jwt' is not known; write any, or at+jwt", "another typ");
    refused(BASE "BEARER_AUDIENCE_CLAIM='a b'\n",
            "BEARER_AUDIENCE_CLAIM (|env:3)|'a b' is not the name of a claim",
            "a claim of two words");
    refused(BASE "BEARER_AUDIENCE_CLAIM=/a/b\n", "BEARER_AUDIENCE_CLAIM (|'/a/b' is a path",
            "one that is not at the top");
    refused(BASE "BEARER_AUDIENCE_CLAIM=azp\nBEARER_TOKEN_TYP=at+jwt\n",
            "BEARER_AUDIENCE_CLAIM (|env:3)|an at+jwt|remove one of the two", "beside at+jwt");
    ok(load(BASE "BEARER_AUDIENCE_CLAIM=aud\nBEARER_TOKEN_TYP=at+jwt\n", nothing) != NULL,
       "which has its audience in aud");
    refused(BASE "BEARER_USER_CLAIM=/a~b\n",
            "BEARER_USER_CLAIM (|env:3)|'/a~b' is no JSON Pointer|~0", "a bad escape");
    refused(BASE "BEARER_USER_CLAIM=/a~\n", "is no JSON Pointer", "half an escape");
    refused(BASE "BEARER_USER_CLAIM='a b'\n", "is not the name of a claim", "two words");
    ok(load(BASE "BEARER_USER_CLAIM=a~b\n", nothing) != NULL, "a name may have a tilde");
    ok(load(BASE "BEARER_USER_CLAIM=/a~1b/~0\n", nothing) != NULL, "and a pointer, escaped");
    refused(BASE "BEARER_ID_TOKENS=true\n",
            "BEARER_ID_TOKENS (|env:3)|'true' is not known; write off, or on", "another switch");
}

static void token_headers(void)
{
    static const char *const taken[] = {"Cookie",
                                        "cookie",
                                        "Host",
                                        "Connection",
                                        "DPoP",
                                        "dpop",
                                        "Proxy-Authorization",
                                        "Proxy-X",
                                        "X-Forwarded-For",
                                        "x-forwarded-access-token",
                                        "Bearer",
                                        "Bearer-Token",
                                        "BEARERTOKEN",
                                        "Remote-User",
                                        "Content-Type"};
    char named[300];
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        snprintf(named, sizeof named, BASE "BEARER_TOKEN_HEADER=%s\n", taken[i]);
        refused(named, "BEARER_TOKEN_HEADER (|env:3)|the header|name the one that holds the token",
                taken[i]);
    }
    refused(BASE "BEARER_TOKEN_HEADER=X_Token\n", "'X_Token' is not the name of a header",
            "an underscore");
    refused(BASE "BEARER_TOKEN_HEADER='X Token'\n", "is not the name of a header", "two words");
    refused(BASE "BEARER_TOKEN_HEADER=X-Token:\n", "is not the name of a header", "a colon");
    struct config *header = load(BASE "BEARER_TOKEN_HEADER=X-Goog-IAP-jwt-assertion\n", nothing);
    is_string(header != NULL ? header->token_header : NULL, "HTTP_X_GOOG_IAP_JWT_ASSERTION",
              "a header is that of its CGI variable");
    header = load(BASE "BEARER_TOKEN_HEADER=authorization\n", nothing);
    ok(header != NULL && header->token_header == NULL, "the usual one is the usual one");
}

static void settings(void)
{
    char text[20000];
    refused("AUTH0_DOMAIN=x.example\n", "AUTH0_API_AUDIENCE: is not set|https://api.example.com",
            "no audience");
    refused("AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE=', '\n",
            "AUTH0_API_AUDIENCE (|env:2)|at least one", "only commas");
    refused("AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE=\xe2\x80\x9c"
            "a\n",
            "not printable ASCII", "a pasted quotation mark");
    refused("AUTH0_DOMAIN=x.example\nAUTH0_API_AUDIENCE=\n", "AUTH0_API_AUDIENCE (|env:2)|is empty",
            "an empty audience is not missing too");
    refused(BASE "AUTH0_ALGORITHMS=HS256\n",
            "AUTH0_ALGORITHMS (|env:3)|HS256 is symmetric|can also make one; write RS256", "HS256");
    refused(BASE "AUTH0_ALGORITHMS='RS256 hs512'\n", "hs512 is symmetric",
            "hs512 beside a good one");
    refused(BASE "AUTH0_ALGORITHMS=None\n", "'None' would let anybody in|write RS256", "none");
    refused(BASE "AUTH0_ALGORITHMS=rs256\n", "rs256 must be written RS256", "the wrong case");
    refused(BASE "AUTH0_ALGORITHMS=ed25519\n", "ed25519 must be written Ed25519",
            "K3: in its second name too");
    refused(BASE "AUTH0_ALGORITHMS=EDDSA\n", "EDDSA must be written EdDSA", "the wrong case");
    refused(BASE "AUTH0_ALGORITHMS=Ed448\n",
            "Ed448 is not known; write any of RS256| EdDSA or Ed25519",
            "K3: not of the other curve");
    refused(BASE "AUTH0_ALGORITHMS=ES256K\n", "ES256K is not known; write any of RS256",
            "an unknown one");
    refused(BASE "AUTH0_ALGORITHMS=ES25\n", "ES25 is not known", "one of four letters is not none");
    refused(BASE "AUTH0_ALGORITHMS=R\n", "R is not known", "a single letter");
    refused(BASE "AUTH0_ALGORITHMS=','\n", "names no algorithm", "none at all");
    refused(BASE "BEARER_LEEWAY=301\n", "BEARER_LEEWAY (|env:3)|'301'|from 0 to 300|digits only",
            "too much leeway");
    refused(BASE "BEARER_LEEWAY=-1\n", "'-1'|from 0 to 300", "a negative number");
    refused(BASE "BEARER_LEEWAY=' 5'\n", "digits only", "a blank before a number");
    refused(BASE "BEARER_LEEWAY=5s\n", "digits only", "a unit after it");
    refused(BASE "BEARER_JWKS_TTL=0\n", "BEARER_JWKS_TTL|from 1 to 315360000", "no TTL");
    refused(BASE "BEARER_JWKS_COOLDOWN=99999999999999999999999\n", "BEARER_JWKS_COOLDOWN|from 0",
            "a number that overflows");
    refused(BASE "BEARER_JWKS_MAX_STALE=315360001\n", "BEARER_JWKS_MAX_STALE|to 315360000",
            "more than ten years");
    refused(BASE "BEARER_JWKS_MAX_STALE=599\n",
            "BEARER_JWKS_MAX_STALE (|BEARER_JWKS_TTL, 600|to 600 or more",
            "keys refused before they are refreshed");
    refused(BASE "BEARER_JWKS_TTL=86401\n",
            "BEARER_JWKS_TTL (|BEARER_JWKS_MAX_STALE, 86400|to 86401 or more",
            "the same from the other side");
    refused(BASE "BEARER_JWKS_TTL=never\nBEARER_JWKS_MAX_STALE=9\n", "BEARER_JWKS_TTL (|'never'",
            "a TTL that is no number is not compared");
    refused(BASE "BEARER_JWKS_TTL=90000\nBEARER_JWKS_MAX_STALE=never\n",
            "BEARER_JWKS_MAX_STALE (|'never'", "nor is a bound that is none");
    refused(BASE "BEARER_REALM='a\"b'\n", "BEARER_REALM (|printable ASCII", "a quote in the realm");
    refused(BASE "BEARER_REALM='a\\b'\n", "printable ASCII", "a backslash in the realm");
    refused(BASE "BEARER_REALM=\xc3\xa4\n", "printable ASCII", "a realm that is not ASCII");
    snprintf(text, sizeof text, BASE "BEARER_REALM=%0129d\n", 0);
    refused(text, "at most 128", "a long realm");
    refused(BASE "BEARER_LOG_LEVEL=warning\n",
            "BEARER_LOG_LEVEL (|'warning'|error, warn, info or debug", "an unknown level");
    refused(BASE "BEARER_LOG_FORMAT=JSON\n", "BEARER_LOG_FORMAT (|'JSON'|text, or json",
            "an unknown form of the log");
    refused(BASE "BEARER_REFRESH=never\n", "BEARER_REFRESH (|'never'|spawn|external",
            "an unknown way to refresh");
    struct config *config = load(BASE "BEARER_REFRESH=spawn\nBEARER_CACHE_DIR=//\n", nothing);
    ok(config != NULL && !config->refresh_external, "the usual way by its name");
    is_string(config != NULL ? config->cache_dir : said, "/",
              "slashes alone are the root directory");
    config =
        load(BASE "BEARER_ROLE=deny\nBEARER_FORWARD_CLAIMS='email,https://x/y name'\n", nothing);
    ok(config != NULL && config->role == ROLE_DENY, "a role");
    ok(config != NULL && strcmp(config->forward_claims[0].name, "email") == 0 &&
           strcmp(config->forward_claims[1].name, "https://x/y") == 0 &&
           strcmp(config->forward_claims[2].name, "name") == 0 &&
           config->forward_claims[3].name == NULL,
       "claims to hand on, in their order");
    refused(BASE "BEARER_CACHE_DIR=cache\n",
            "BEARER_CACHE_DIR (|'cache' is not an absolute path|begins with /",
            "a relative cache directory");
    refused(BASE "BEARER_CA_FILE=ca.pem\n", "BEARER_CA_FILE (|absolute path", "a relative CA file");
    snprintf(text, sizeof text, BASE "BEARER_CA_FILE=%s\n", at("none.pem"));
    refused(text, "BEARER_CA_FILE (|none.pem does not exist", "a CA file that is not there");
    put_bytes(at("wide.pem"), "x", 1, 0666);
    snprintf(text, sizeof text, BASE "BEARER_CA_FILE=%s\n", at("wide.pem"));
    refused(text, "BEARER_CA_FILE (|chmod go-w", "one that others can write");
    refused(BASE "BEARER_PROXY=proxy.example:3128\n", "BEARER_PROXY (|write http://HOST:PORT",
            "a proxy without a scheme");
    refused(BASE "BEARER_PROXY=http://u:SECRET@\n", "write http://HOST:PORT",
            "one without a host, whose password is not shown");
    refused(BASE "BEARER_PROXY=http://p:3128/x\n", "write http://HOST:PORT", "one with a path");
    refused(BASE "BEARER_PROXY='http://u:\"SECRET@p:3128'\n", "write http://HOST:PORT",
            "one with a quote");
    refused(BASE "BEARER_REALM=\n", "BEARER_REALM (|env:3): is empty; give it a value or remove it",
            "an empty value");
    ok(load(BASE "BEARER_PROXY=socks5h://p:1080/\n", nothing) != NULL, "a SOCKS proxy");
}

/* `given` is refused, and `right` is what the message says to write. */
static void no_origin(const char *given, const char *right)
{
    char text[600];
    char fragments[400];
    snprintf(text, sizeof text, BASE "BEARER_CORS_ORIGINS='%s'\n", given);
    snprintf(fragments, sizeof fragments, "BEARER_CORS_ORIGINS (|env:3)|%s", right);
    refused(text, fragments, given);
}

static void origins(void)
{
    char text[600];
    struct config *config = load(BASE, nothing);
    ok(config != NULL && config->cors_origins == NULL, "no origin unless it is named");
    config = load(BASE "BEARER_CORS_ORIGINS='https://app.example.com "
                       "http://localhost:3000,https://[::1]:8443 chrome-extension://abc'\n",
                  nothing);
    ok(config != NULL && strcmp(config->cors_origins[0], "https://app.example.com") == 0 &&
           strcmp(config->cors_origins[1], "http://localhost:3000") == 0 &&
           strcmp(config->cors_origins[2], "https://[::1]:8443") == 0 &&
           strcmp(config->cors_origins[3], "chrome-extension://abc") == 0 &&
           config->cors_origins[4] == NULL,
       "origins, in their order");
    config = load(BASE "BEARER_CORS_ORIGINS=*\n", nothing);
    ok(config != NULL && strcmp(config->cors_origins[0], "*") == 0 &&
           config->cors_origins[1] == NULL,
       "all there are");
    no_origin("* https://a.example", "each of them, or * alone");
    no_origin("https://a.example *", "each of them, or * alone");
    no_origin("https://*.example.com", "each of them, or * alone");
    no_origin("null", "anybody can send it");
    no_origin("a.example", "has no scheme|https://app.example.com");
    no_origin("://a.example", "has no scheme");
    no_origin(",", "names nothing");
    no_origin("https://a.example/", "write https://a.example");
    no_origin("https://a.example/x?y", "write https://a.example");
    no_origin("https://a.example#", "write https://a.example");
    no_origin("https://A.Example", "write https://a.example");
    no_origin("HTTPS://a.example", "write https://a.example");
    no_origin("https://a.example:443", "write https://a.example");
    no_origin("http://a.example:80/", "write http://a.example");
    no_origin("https://a.example http://b.example/", "'http://b.example/'|write http://b.example");
    no_origin("https://u:p@a.example", "is not an origin|SCHEME://HOST");
    no_origin("https://", "is not an origin");
    no_origin("https://:443", "is not an origin");
    no_origin("https://a.example:0443", "is not an origin");
    no_origin("https://a.example:99999", "is not an origin");
    no_origin("ht_tp://a.example", "is not an origin");
    no_origin("1http://a.example", "is not an origin");
    no_origin("https://a..example", "is not an origin");
    no_origin("https://\xc3\xa4.example", "not printable ASCII");
    snprintf(text, sizeof text, BASE "BEARER_CORS_ORIGINS=a%0301d://a\n", 0);
    refused(text, "is not an origin", "one that no head of an answer has room for");
    ok(load(BASE "BEARER_CORS_ORIGINS=http://a.example:8080\n", nothing) != NULL,
       "a port that ends like the usual one");
    ok(load(BASE "BEARER_CORS_ORIGINS='http://a.example:443 https://a.example:80'\n", nothing) !=
           NULL,
       "the usual port of another scheme");
}

static void docs(void)
{
    static const char *const good[] = {"/swagger-ui", "/a", "/a/b/c.d/~e_f-9", "/.a", "/a..b"};
    static const char *const bad[] = {"/",    "/a/",    "//a",   "/a//b", "/../a", "/a/..",
                                      "/.",   "/a/./b", "/a b",  "/a\"b", "/<a>",  "/a%20",
                                      "/a?b", "/a#b",   "/a\\b", "/a&b",  "/a;b",  "/\xc3\xa4"};
    char text[600];
    struct config *config = load(BASE, nothing);
    ok(config != NULL && config->docs == NULL, "no documentation unless it is wanted");
    config = load(BASE "BEARER_DOCS=off\n", nothing);
    ok(config != NULL && config->docs == NULL, "nor if it is not");
    config = load(BASE "BEARER_DOCS=on\n", nothing);
    is_string(config != NULL ? config->docs : said, "", "documentation without Swagger UI");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, BASE "BEARER_DOCS=%s\n", good[i]);
        config = load(text, nothing);
        is_string(config != NULL ? config->docs : said, good[i], "Swagger UI at %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, BASE "BEARER_DOCS='%s'\n", bad[i]);
        refused(text, "BEARER_DOCS (|env:3)|is not a plain path|for example /swagger-ui", bad[i]);
    }
    snprintf(text, sizeof text, BASE "BEARER_DOCS=/%0128d\n", 0);
    refused(text, "at most 128", "a long one");
    refused(BASE "BEARER_DOCS=On\n", "BEARER_DOCS (|'On' is not known|off, on", "another word");
    refused(BASE "BEARER_DOCS=https://cdn.example/swagger\n",
            "is not known|where this web server serves", "files of another server");
}

int main(void)
{
    config_test_begin();
    identity();
    key_uris();
    issuer_names();
    tenants();
    issuers_meet();
    audiences();
    token_settings();
    token_headers();
    settings();
    origins();
    docs();
    return config_test_end();
}
