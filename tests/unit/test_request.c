/* SPDX-License-Identifier: MIT */
/* Params of a request, and the credentials in them: cases 19 to 22. */
#include "guard/request.h"

#include <stdarg.h>
#include <stdlib.h>

#include "tap.h"

static char logged[4096];

static void take_line(void *context, const char *line, size_t length)
{
    (void)context;
    size_t used = strlen(logged);
    if (used + length < sizeof logged) {
        memcpy(logged + used, line, length);
        logged[used + length] = '\0';
    }
}

static enum config_role process_role;

/* The params given last; request_read() borrows from them. */
static char *params[16];
static struct request request;

static void forget_params(void)
{
    for (size_t i = 0; params[i] != NULL; i++) {
        free(params[i]);
        params[i] = NULL;
    }
}

static const struct log test_log = {.level = LOG_LEVEL_WARN, .write = take_line};

/* Reads these params (NULL at the end). */
__attribute__((sentinel)) static enum bearer_code read_params(const char *first, ...)
{
    va_list args;
    size_t count = 0;
    forget_params();
    logged[0] = '\0';
    va_start(args, first);
    for (const char *param = first; param != NULL; param = va_arg(args, const char *)) {
        params[count] = strdup(param);
        if (params[count++] == NULL || count == sizeof params / sizeof params[0]) {
            printf("Bail out! too many params\n");
            exit(99);
        }
    }
    va_end(args);
    return request_read(params, process_role, &test_log, &request);
}

#define GET "REQUEST_METHOD=GET"

static void outcome(enum bearer_code got, enum bearer_code expected, const char *test)
{
    is_string(bearer_outcome(got)->reason, bearer_outcome(expected)->reason, "%s", test);
}

/* Checks that what was logged is one line with this in it. */
static void said(const char *part, const char *test)
{
    const char *newline = strchr(logged, '\n');
    if (!ok(newline != NULL && newline[1] == '\0' && strstr(logged, part) != NULL, "%s", test)) {
        printf("# logged: %s\n", logged);
    }
}

static void values(void)
{
    outcome(read_params(GET, "PATH_INFO=/public", "REMOTE_ADDR=192.0.2.1",
                        "REQUEST_URI=/api/public?x", "BEARER_REQUEST_ID=7f",
                        "SERVER_SOFTWARE=Apache/2.4", "HTTP_HOST=x", "HTTP_AUTHORIZATION=Bearer a",
                        "FCGI_ROLE=RESPONDER", NULL),
            BEARER_OK, "an ordinary request");
    is_string(request.method, "GET", "its method");
    is_string(request.path_info, "/public", "its path");
    is_string(request.id, "7f", "its id");
    is_string(request.uri, "/api/public?x", "its target");
    is_string(request.client, "192.0.2.1", "its client");
    is_string(request.server, "Apache/2.4", "its server");
    is_string(request.credentials.authorization, "Bearer a", "its credentials");
    is_string(logged, "", "nothing is logged");
    ok(!request_is_lookup(&request), "a client waits for it");
    outcome(read_params(GET, "SERVER_PROTOCOL=INCLUDED", "SERVER_SOFTWARE=Apache", NULL), BEARER_OK,
            "S10: what Apache looks up for itself");
    ok(request_is_lookup(&request), "is known by its protocol");
    is_string(request.server, "Apache", "which is not mistaken for the server");
    outcome(read_params(GET, "SERVER_PROTOCOL=HTTP/1.1", NULL), BEARER_OK, "a client's request");
    ok(!request_is_lookup(&request), "is none");
    outcome(read_params(GET, NULL), BEARER_OK, "a method is enough");
    ok(request.path_info == NULL && request.credentials.authorization == NULL &&
           request.client == NULL && request.server == NULL && !request.credentials.twice,
       "the rest is absent");
    outcome(read_params("REQUEST=POST", "REQUEST_METHOD_X=POST", "XREQUEST_METHOD=POST",
                        "request_method=POST", GET, "PATH_INFO=", "=x", "PATH_INFO",
                        "PATH_TRANSLATED=/x", NULL),
            BEARER_OK, "names are compared whole");
    is_string(request.method, "GET", "the method is that of its name");
    is_string(request.path_info, "", "an empty path is empty");
    outcome(read_params(GET, "PATH_INFO=/a=b=c", NULL), BEARER_OK, "an = in a value");
    is_string(request.path_info, "/a=b=c", "belongs to it");
}

static void refused(void)
{
    forget_params();
    outcome(request_read(params, process_role, &test_log, &request), BEARER_BAD_REQUEST,
            "no params at all, as after an abort");
    outcome(read_params("PATH_INFO=/public", NULL), BEARER_BAD_REQUEST, "no method");
    said("REQUEST_METHOD", "and a line says so");
    outcome(read_params(GET, GET, NULL), BEARER_BAD_REQUEST, "the method twice");
    outcome(read_params(GET, "REQUEST_METHOD=POST", NULL), BEARER_BAD_REQUEST, "two methods");
    outcome(read_params(GET, "PATH_INFO=/public", "PATH_INFO=/private", NULL), BEARER_BAD_REQUEST,
            "two paths");
    outcome(read_params(GET, "PATH_INFO=", "PATH_INFO=/private", NULL), BEARER_BAD_REQUEST,
            "two paths, one of them empty");
    outcome(read_params(GET, "REMOTE_ADDR=a", "REMOTE_ADDR=b", NULL), BEARER_OK,
            "the address decides nothing");
}

static void role(enum config_role expected, const char *test)
{
    is_number(request.role, expected, "  is %s", test);
}

static void fcgi_roles(void)
{
    outcome(read_params(GET, NULL), BEARER_OK, "no role, as under plain CGI");
    role(ROLE_RESPONDER, "a responder's");
    outcome(read_params(GET, "FCGI_ROLE=AUTHORIZER", NULL), BEARER_OK, "role AUTHORIZER");
    role(ROLE_AUTHORIZER, "an authorizer's");
    outcome(read_params(GET, "FCGI_ROLE=FILTER", NULL), BEARER_MISCONFIGURED, "role FILTER");
    said("FILTER", "and a line names it");
    outcome(read_params(GET, "FCGI_ROLE=", NULL), BEARER_MISCONFIGURED, "an empty role");
    outcome(read_params(GET, "FCGI_ROLE=responder", NULL), BEARER_MISCONFIGURED,
            "a role of other case");
    outcome(read_params(GET, "FCGI_ROLE=x\r\ny", NULL), BEARER_MISCONFIGURED, "a role with CRLF");
    said("x\\x0d\\x0ay", "is escaped in the log");
    outcome(read_params("FCGI_ROLE=AUTHORIZER", NULL), BEARER_BAD_REQUEST,
            "an authorizer's request without a method");
    outcome(read_params(GET, "FCGI_ROLE=RESPONDER", "FCGI_ROLE=RESPONDER", NULL), BEARER_OK,
            "the role twice, the same");
    outcome(read_params("FCGI_ROLE=RESPONDER", GET, "FCGI_ROLE=AUTHORIZER", NULL), BEARER_OK,
            "libfcgi's RESPONDER, then what the server was told to pass");
    role(ROLE_AUTHORIZER, "an authorizer's");
    outcome(read_params("FCGI_ROLE=AUTHORIZER", GET, "FCGI_ROLE=RESPONDER", NULL), BEARER_OK,
            "and the other way round");
    role(ROLE_AUTHORIZER, "an authorizer's");
}

static void our_roles(void)
{
    static const char *const words[] = {"auto", "authorizer", "deny"};
    static const char *const fcgi[] = {"FCGI_ROLE=RESPONDER", "FCGI_ROLE=AUTHORIZER"};
    char param[64];
    for (unsigned process = 0; process <= ROLE_DENY; process++) {
        for (unsigned said_by_fcgi = 0; said_by_fcgi <= ROLE_AUTHORIZER; said_by_fcgi++) {
            for (unsigned word = 0; word <= ROLE_DENY; word++) {
                unsigned strictest = process > said_by_fcgi ? process : said_by_fcgi;
                strictest = word > strictest ? word : strictest;
                process_role = (enum config_role)process;
                snprintf(param, sizeof param, "BEARER_ROLE=%s", words[word]);
                outcome(read_params(GET, fcgi[said_by_fcgi], param, NULL), BEARER_OK,
                        "three say a role");
                role((enum config_role)strictest, "the strictest");
            }
        }
    }
    process_role = ROLE_RESPONDER;
    outcome(read_params(GET, "BEARER_ROLE=deni", NULL), BEARER_MISCONFIGURED, "a mistyped role");
    said("deni", "and a line names it");
    outcome(read_params(GET, "BEARER_ROLE=", NULL), BEARER_MISCONFIGURED, "an empty one of ours");
    outcome(read_params(GET, "BEARER_ROLE=Deny", NULL), BEARER_MISCONFIGURED, "one of other case");
    outcome(read_params(GET, "BEARER_ROLE=deny", "BEARER_ROLE=deny", NULL), BEARER_MISCONFIGURED,
            "ours twice");
}

static void requirements(void)
{
    outcome(read_params(GET, "BEARER_REQUIRE=scope=a", NULL), BEARER_OK, "a requirement");
    is_string(request.require, "scope=a", "is taken");
    outcome(read_params(GET, "BEARER_REQUIRE=", NULL), BEARER_OK, "an empty requirement");
    is_string(request.require, "", "is there, to be refused");
    outcome(read_params(GET, "BEARER_REQUIRE=a", "BEARER_REQUIRE=a", NULL), BEARER_MISCONFIGURED,
            "a requirement twice");
    outcome(read_params(GET, "REDIRECT_BEARER_REQUIRE=scope=a", NULL), BEARER_OK,
            "a redirected requirement");
    is_string(request.require, NULL, "is none for a responder");
    outcome(read_params(GET, "BEARER_PROFILE=a b", NULL), BEARER_OK, "profiles");
    is_string(request.profile, "a b", "  they are");
    outcome(read_params(GET, "BEARER_PROFILE=a", "BEARER_PROFILE=a", NULL), BEARER_MISCONFIGURED,
            "profiles twice");
    outcome(read_params(GET, "REDIRECT_BEARER_PROFILE=a", "FCGI_ROLE=AUTHORIZER", NULL), BEARER_OK,
            "profiles after a redirect");
    ok(request.profile == NULL, "  are none");
    outcome(read_params(GET, "REDIRECT_BEARER_PROFILE=a", "BEARER_ROLE=deny", NULL), BEARER_OK,
            "but in the role deny");
    is_string(request.profile, "a", "  they are");
    outcome(
        read_params(GET, "REDIRECT_BEARER_PROFILE=a", "BEARER_ROLE=deny", "BEARER_PROFILE=b", NULL),
        BEARER_OK, "unless there are others");
    is_string(request.profile, "b", "  which count");
    outcome(read_params(GET, "REDIRECT_BEARER_PROFILE=", "BEARER_ROLE=deny", NULL), BEARER_OK,
            "nobody's profile, after a redirect");
    ok(request.profile == NULL, "  is none");
    outcome(read_params(GET, "FCGI_APACHE_ROLE=ACCESS_CHECKER", "BEARER_PROFILE=a",
                        "BEARER_PROFILE_KEPT=a b", NULL),
            BEARER_OK, "profiles, when Apache asks first");
    is_string(request.profile, "a", "  are the location's");
    outcome(read_params(GET, "FCGI_APACHE_ROLE=ACCESS_CHECKER", "BEARER_PROFILE=a",
                        "BEARER_PROFILE_KEPT=a b", "BEARER_EXP=1", NULL),
            BEARER_OK, "profiles, when Apache asks again");
    is_string(request.profile, "a b", "  are those that were kept");
    outcome(read_params(GET, "FCGI_APACHE_ROLE=ACCESS_CHECKER",
                        "BEARER_PROFILE=", "BEARER_PROFILE_KEPT=", "BEARER_EXP=", NULL),
            BEARER_OK, "none, when Apache asks again");
    ok(request.profile == NULL, "  are none");
    outcome(read_params(GET, "FCGI_APACHE_ROLE=ACCESS_CHECKER", "BEARER_PROFILE=a", "BEARER_EXP=1",
                        NULL),
            BEARER_OK, "none that were kept");
    ok(request.profile == NULL, "  and the answer before is not the location's word");
    outcome(read_params(GET, "BEARER_PROFILE=", "BEARER_PROFILE_KEPT=a", "BEARER_EXP=1", NULL),
            BEARER_OK, "another server");
    is_string(request.profile, "", "  which said nothing before");
    outcome(read_params(GET, "REDIRECT_BEARER_REQUIRE=scope=a", "FCGI_ROLE=AUTHORIZER", NULL),
            BEARER_OK, "a redirected requirement");
    is_string(request.require, NULL, "nor for an authorizer");
    outcome(read_params(GET, "REDIRECT_BEARER_REQUIRE=scope=a", "BEARER_ROLE=deny", NULL),
            BEARER_OK, "a redirected requirement");
    is_string(request.require, "scope=a", "is one where a denial is shown again");
    outcome(read_params(GET, "REDIRECT_BEARER_REQUIRE=scope=a", "BEARER_ROLE=deny",
                        "BEARER_REQUIRE=scope=b", NULL),
            BEARER_OK, "a redirected requirement beside another");
    is_string(request.require, "scope=b", "gives way");
    outcome(read_params(GET, "HTTP_BEARER_REQUIRE=optional",
                        "REDIRECT_HTTP_BEARER_REQUIRE=optional", "BEARER_ROLE=deny", NULL),
            BEARER_OK, "what a client sent");
    is_string(request.require, NULL, "is never policy");
    ok(request.forged != NULL, "and a guard is told of it");
    outcome(read_params(GET, "BEARER_SUB=x", "BEARER_CLAIMS={}", "BEARER_SCOPE=a",
                        "BEARER_CLAIM_ORG=x", "BEARER_CLAIM__A_B=", NULL),
            BEARER_OK, "what an authorizer before us said");
    outcome(read_params(GET, "BEARER_CLAIM_=x", NULL), BEARER_MISCONFIGURED,
            "a claim without a name");
    outcome(read_params(GET, "BEARER_claim_ORG=x", NULL), BEARER_MISCONFIGURED,
            "one of other case");
}

static void policy_names(void)
{
    outcome(read_params(GET, "BEARER_REQIRE=valid-token", NULL), BEARER_MISCONFIGURED,
            "a mistyped BEARER_ name");
    outcome(read_params(GET, "BEARER_REALN=x", NULL), BEARER_MISCONFIGURED, "another");
    said("BEARER_REALN", "and a line names it");
    said("did you mean BEARER_REALM", "and the nearest one");
    outcome(read_params(GET, "BEARER_ZZZZZZZZZZZZ=x", NULL), BEARER_MISCONFIGURED,
            "one that is near nothing");
    said("BEARER_ZZZZZZZZZZZZ", "is named too");
    ok(strstr(logged, "did you mean") == NULL, "without a guess");
    outcome(read_params(GET, "bearer_realm=x", NULL), BEARER_MISCONFIGURED, "a name of other case");
    said("did you mean BEARER_REALM", "and the right one is named");
    outcome(read_params("BEARER_X\r\nY=1", GET, NULL), BEARER_MISCONFIGURED, "a name with CRLF");
    said("BEARER_X\\x0d\\x0aY", "is escaped in the log");
    outcome(read_params(GET, "BEARER_REQUIRE_=secret-value", NULL), BEARER_MISCONFIGURED,
            "a value of an unknown name");
    ok(strstr(logged, "secret-value") == NULL, "is not logged");
    outcome(read_params("BEARER_X=1", NULL), BEARER_MISCONFIGURED,
            "judged before a missing method");
    outcome(
        read_params(GET, "BEARER_REALM=x", "BEARER_CONFIG=/x", "AUTH0_DOMAIN=x", "AUTH0_X=1", NULL),
        BEARER_OK, "names we know are for the process: no matter here");
    outcome(read_params(GET, "HTTP_BEARER_REQUIRE=x", "REDIRECT_HTTP_BEARER_X=y", "HTTP_X=BEARER_Y",
                        NULL),
            BEARER_OK, "a header is never policy");
}

/* Names of params, and whether a guard has to refuse them. */
static const struct name_case {
    const char *name;
    bool forges;
} name_cases[] = {
    {"HTTP_BEARER_SUB", true},
    {"HTTP_BEARER_SCOPE", true},
    {"HTTP_BEARER_PERMISSIONS", true},
    {"HTTP_BEARER_CLIENT_ID", true},
    {"HTTP_BEARER_ISSUER", true},
    {"HTTP_BEARER_EXP", true},
    {"HTTP_BEARER_CLAIMS", true},
    {"HTTP_BEARER_FOO", true},
    {"HTTP_BEARER_", true},
    {"HTTP_BEARER__", true},
    {"HTTP_BEARER.", true},
    {"HTTP_BEARER-SUB", true},
    {"HTTP_BEARER.CLIENT|ID", true},
    {"HTTP_BEARER\xff\x01", true},
    {"http_bearer_sub", true},
    {"Http-Bearer-Sub", true},
    {"hTTP.bEARER.sUB", true},
    {"HTTP_REMOTE_USER", true},
    {"HTTP_REMOTE!USER", true},
    {"http_remote-user", true},
    {"HTTP_AUTH_TYPE", true},
    {"HTTP_AUTH~TYPE", true},
    {"http.auth.type", true},
    /* of an honest client, or none of a client's headers */
    {"HTTP_BEARER", false},
    {"HTTP_BEARERFOO", false},
    {"HTTP_BEARERS_SUB", false},
    {"HTTP_X_BEARER_SUB", false},
    {"HTTP__BEARER_SUB", false},
    {"HTTP_VARIABLE_BEARER_SUB", false},
    {"HTTP_REMOTE_USERS", false},
    {"HTTP_REMOTE_USE", false},
    {"HTTP_REMOTEUSER", false},
    {"HTTP_REMOTE_USER_", false},
    {"HTTP_X_REMOTE_USER", false},
    {"HTTP_AUTH_TYPES", false},
    {"HTTP_AUTHTYPE", false},
    {"HTTP_AUTHORIZATION", false},
    {"HTTP_COOKIE", false},
    {"HTTP_HOST", false},
    {"HTTP", false},
    {"H", false},
    {"h", false},
    {"HTTPS", false},
    {"REDIRECT_HTTP_BEARER_SUB", false},
    {"REDIRECT_HTTP_REMOTE_USER", false},
    {"BEARER_SUB", false},
    {"REMOTE_USER", false},
    {"AUTH_TYPE", false},
};

static void forged(const char *name, bool forges)
{
    char param[128];
    snprintf(param, sizeof param, "%s=HTTP_BEARER_SUB=x", name);
    enum bearer_code code = read_params(GET, "HTTP_ACCEPT=*/*", param, "HTTP_HOST=x", NULL);
    ok(code == BEARER_OK && (request.forged != NULL) == forges &&
           (!forges || (request.forged_length == strlen(name) &&
                        memcmp(request.forged, name, request.forged_length) == 0)),
       "D2: %s %s", name, forges ? "is told" : "is not disturbed");
}

/* Every octet there is at every place between two words of a name: "=" ends it, a letter or digit
 * makes another name. */
static void forged_octets(void)
{
    static const char *const templates[] = {"HTTP?BEARER_SUB", "HTTP_BEARER?SUB",
                                            "HTTP?REMOTE_USER", "HTTP_REMOTE?USER",
                                            "HTTP_AUTH?TYPE"};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        unsigned wrong = 0;
        for (int octet = 1; octet < 256; octet++) {
            char param[64];
            snprintf(param, sizeof param, "%s=x", templates[i]);
            *strchr(param, '?') = (char)octet;
            const bool part = octet == '=' || (octet >= '0' && octet <= '9') ||
                              (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
            wrong += read_params(GET, param, NULL) != BEARER_OK || (request.forged != NULL) == part;
        }
        is_number(wrong, 0, "D2: each octet in %s", templates[i]);
    }
}

static void forged_names(void)
{
    for (size_t i = 0; i < sizeof name_cases / sizeof *name_cases; i++) {
        forged(name_cases[i].name, name_cases[i].forges);
    }
    forged_octets();
}

/* The token in these credentials, or why there is none. */
static void credentials(const char *value, enum bearer_code expected, const char *token,
                        const char *test)
{
    char param[512];
    snprintf(param, sizeof param, "HTTP_AUTHORIZATION=%s", value);
    read_params(GET, param, NULL);
    const char *got = "unset";
    size_t length = 77;
    enum bearer_code code = credentials_token(&request.credentials, &got, &length);
    bool same = token == NULL
                    ? got == NULL && length == 0
                    : got != NULL && length == strlen(token) && memcmp(got, token, length) == 0;
    if (!ok(code == expected && same, "%s: %s", test, value)) {
        printf("# got %s, \"%s\" (%zu)\n", bearer_outcome(code)->reason,
               got != NULL ? got : "(null)", length);
    }
}

static void bearer(void)
{
    credentials("Bearer a.b.c", BEARER_OK, "a.b.c", "case 19");
    credentials("bearer a.b.c", BEARER_OK, "a.b.c", "case 19");
    credentials("BEARER a.b.c", BEARER_OK, "a.b.c", "case 19");
    credentials("bEaReR a.b.c", BEARER_OK, "a.b.c", "case 19");
    credentials("Bearer     a.b.c", BEARER_OK, "a.b.c", "several spaces");
    credentials("Bearer", BEARER_OK, "", "no token is no acceptable one");
    credentials("Bearer ", BEARER_OK, "", "no token is no acceptable one");
    credentials("Bearer    ", BEARER_OK, "", "no token is no acceptable one");
    credentials("Bearer a b", BEARER_OK, "a b", "case 11: spaces inside are the token's");
    credentials("Bearer a.b.c ", BEARER_OK, "a.b.c ", "case 11: a space after it too");
    credentials("Bearer \ta.b.c", BEARER_OK, "\ta.b.c", "case 11: and a tab");
    credentials("Bearer {\"a\":\"b\"}", BEARER_OK, "{\"a\":\"b\"}",
                "anything is judged as a token");
    credentials("Bearer \xc3\xa9", BEARER_OK, "\xc3\xa9", "case 16");
    credentials("Bearer Basic eDp5", BEARER_OK, "Basic eDp5", "anything is judged as a token");
}

static void others(void)
{
    credentials("", BEARER_NO_CREDENTIALS, NULL, "case 21: empty");
    credentials("Basic eDp5", BEARER_NO_CREDENTIALS, NULL, "case 21: Basic");
    credentials("Bearerx a.b.c", BEARER_NO_CREDENTIALS, NULL, "another scheme");
    credentials("Bearer\ta.b.c", BEARER_NO_CREDENTIALS, NULL, "another scheme");
    credentials("Bearer:a.b.c", BEARER_NO_CREDENTIALS, NULL, "another scheme");
    credentials("Beare", BEARER_NO_CREDENTIALS, NULL, "another scheme");
    credentials("a.b.c", BEARER_NO_CREDENTIALS, NULL, "a token without a scheme");
    credentials("Token Bearer a.b.c", BEARER_NO_CREDENTIALS, NULL, "Bearer is not its scheme");
    credentials("DPoP a.b.c", BEARER_NO_CREDENTIALS, NULL, "DPoP");
    credentials("Digest username=\"x\", realm=\"y\", uri=\"/\", response=\"z\"",
                BEARER_NO_CREDENTIALS, NULL, "Digest has commas of its own");
    credentials("Digest x=\"y\",BearerToken=1, MyBearer z", BEARER_NO_CREDENTIALS, NULL,
                "Digest with a near miss");
    read_params(GET, NULL);
    const char *token = "unset";
    size_t length = 77;
    outcome(credentials_token(&request.credentials, &token, &length), BEARER_NO_CREDENTIALS,
            "case 21: none");
    ok(token == NULL && length == 0, "and no token");
    read_params(GET, "QUERY_STRING=access_token=a.b.c", "REQUEST_URI=/public?access_token=a.b.c",
                "HTTP_X_ACCESS_TOKEN=Bearer a.b.c", "HTTP_COOKIE=Authorization=Bearer a.b.c",
                "HTTP_PROXY_AUTHORIZATION=Bearer a.b.c", "AUTHORIZATION=Bearer a.b.c", NULL);
    outcome(credentials_token(&request.credentials, &token, &length), BEARER_NO_CREDENTIALS,
            "case 22: a token elsewhere");
}

static void two(void)
{
    credentials("Bearer a.b.c, Bearer d.e.f", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer a.b.c,Bearer d.e.f", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer a.b.c, a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer a.b.c,", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer ,", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer , a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Bearer a.b.c, Basic eDp5", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Basic eDp5, Bearer a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Basic eDp5,bearer a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Basic eDp5, \t BEARER", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials("Digest a=\"b\", c=\"d\", Bearer a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
    credentials(", Bearer a.b.c", BEARER_TWO_CREDENTIALS, NULL, "case 20");
}

/* Which of two params has the credentials. */
static void taken(const char *plain, const char *redirected, enum bearer_code expected,
                  const char *token, const char *test)
{
    const char *got = NULL;
    size_t length = 0;
    read_params(GET, redirected, plain, NULL);
    enum bearer_code code = credentials_token(&request.credentials, &got, &length);
    ok(code == expected && (token == NULL ? got == NULL
                                          : got != NULL && length == strlen(token) &&
                                                memcmp(got, token, length) == 0),
       "%s", test);
}

static void redirected(void)
{
    taken("X=", "REDIRECT_HTTP_AUTHORIZATION=Bearer r", BEARER_OK, "r",
          "REDIRECT_HTTP_AUTHORIZATION alone");
    taken("HTTP_AUTHORIZATION=", "REDIRECT_HTTP_AUTHORIZATION=Bearer r", BEARER_OK, "r",
          "an empty HTTP_AUTHORIZATION is absent");
    taken("HTTP_AUTHORIZATION=Bearer h", "REDIRECT_HTTP_AUTHORIZATION=Bearer r", BEARER_OK, "h",
          "HTTP_AUTHORIZATION comes first");
    taken("HTTP_AUTHORIZATION=Bearer h", "REDIRECT_HTTP_AUTHORIZATION=", BEARER_OK, "h",
          "beside an empty one too");
    taken("HTTP_AUTHORIZATION=Basic h", "REDIRECT_HTTP_AUTHORIZATION=Bearer r",
          BEARER_NO_CREDENTIALS, NULL, "another scheme there is not made up for");
    taken("HTTP_AUTHORIZATION=", "REDIRECT_HTTP_AUTHORIZATION=", BEARER_NO_CREDENTIALS, NULL,
          "both empty");
    taken("HTTP_AUTHORIZATION=", "REDIRECT_REDIRECT_HTTP_AUTHORIZATION=Bearer r",
          BEARER_NO_CREDENTIALS, NULL, "no other name");
    taken("HTTP_AUTHORIZATION=Bearer a", "HTTP_AUTHORIZATION=Bearer a", BEARER_TWO_CREDENTIALS,
          NULL, "case 20: the param twice, the same");
    taken("HTTP_AUTHORIZATION=Bearer a", "HTTP_AUTHORIZATION=", BEARER_TWO_CREDENTIALS, NULL,
          "case 20: the param twice, one empty");
    taken("REDIRECT_HTTP_AUTHORIZATION=Bearer a", "REDIRECT_HTTP_AUTHORIZATION=Bearer b",
          BEARER_TWO_CREDENTIALS, NULL, "case 20: the other param twice");
    taken("HTTP_AUTHORIZATION=Basic a", "HTTP_AUTHORIZATION=Basic b", BEARER_TWO_CREDENTIALS, NULL,
          "case 20: the param twice, of another scheme");
}

int main(void)
{
    values();
    refused();
    fcgi_roles();
    our_roles();
    requirements();
    policy_names();
    forged_names();
    bearer();
    others();
    two();
    redirected();
    forget_params();
    return tap_done();
}
