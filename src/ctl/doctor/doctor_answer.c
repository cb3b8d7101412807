/* SPDX-License-Identifier: MIT */
#include "ctl/doctor/doctor_answer.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"

static bool is_apache(const struct server_lines *lines)
{
    return lines == server_lines(SERVER_APACHE);
}

static const char *text_of(enum bearer_code code)
{
    return bearer_outcome(code)->text;
}

static bool says(const struct probe_answer *answer, enum bearer_code code)
{
    return strcmp(answer->detail, text_of(code)) == 0;
}

bool answer_lets_in(const struct probe_answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

/* What a status means, of an answer that is bearer.fcgi's, or another's. */
static const struct {
    long status;
    enum bearer_code ours; /* its body says so; BEARER_OK: its body is not bearer.fcgi's */
    const char *text;
} meanings[] = {
    {400, BEARER_OK, "the web server itself refuses the request; does that port want https://?"},
    {403, BEARER_OK,
     "the web server itself forbids it: look for Require, deny, the mode and owner of the folder, "
     "or a firewall for applications"},
    {404, BEARER_NOT_FOUND,
     "no endpoint has this path below the mount: is it .../private, without a slash behind?"},
    {404, BEARER_OK,
     "the web server itself has nothing there: is the path right, and is the configuration of "
     "the program enabled and loaded?"},
    {405, BEARER_METHOD_NOT_ALLOWED, "this endpoint has no GET: name one that has"},
    {405, BEARER_OK, "the web server itself allows no GET there"},
    {407, BEARER_OK, "a proxy wants a user name and a password: look at BEARER_PROXY"},
    {429, BEARER_OK, "too many requests: something limits them; try again later"},
    {500, BEARER_MISCONFIGURED,
     "the workers' configuration has an error, or BEARER_REQUIRE of this location is missing or "
     "mistyped: the web server's error log says which. For the configuration bearerctl doctor "
     "--user NAME on that machine says it too"},
    {500, BEARER_OK, "the program could not be started, or crashed"},
    {502, BEARER_OK, "the web server gets no answer from a worker"},
    {503, BEARER_NO_KEYS,
     "the workers have no keys: on that machine, run bearerctl refresh as the workers' user, it "
     "says why"},
    {503, BEARER_OK, "the web server reaches no worker"},
    {504, BEARER_OK, "the workers do not answer: they hang, or all of them are busy"},
};

/* Any status but those that were expected. */
static void tell_status(struct findings *findings, const struct server_lines *lines, const char *to,
                        const struct probe_answer *answer)
{
    char shown[FINDING_PIECE];
    bool ours = answer->detail[0] != '\0';
    const char *text = "that is not an answer of bearer.fcgi: which program answers there?";
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        bool fits = ours ? meanings[i].ours != BEARER_OK && says(answer, meanings[i].ours)
                         : meanings[i].ours == BEARER_OK;
        if (fits && meanings[i].status == answer->status) {
            text = meanings[i].text;
        }
    }
    if (answer->status >= 300 && answer->status < 400) {
        finding(
            findings, FINDING_FAILURE,
            "%s: the web server redirects (%ld) to %s: clients do not follow that with a token; "
            "name the "
            "URL where it ends, if that is yours",
            to, answer->status, answer->location[0] != '\0' ? answer->location : "nowhere");
        return;
    }
    bool workers = !ours && answer->status >= 500 && answer->status <= 504 && answer->status != 501;
    finding(findings, FINDING_FAILURE, "%s: %ld%s%s%s%s: %s%s%s", to, answer->status,
            ours ? " \"" : "", ours ? finding_shown(shown, answer->detail) : "", ours ? "\"" : "",
            !ours && answer->html ? ", a page of the web server's own" : "", text,
            workers ? "; " : "", workers ? lines->workers : "");
}

static void tell_open(struct findings *findings, const struct server_lines *lines, const char *to,
                      const struct probe_answer *answer)
{
    const bool is_private = !answer->public_endpoint;
    const bool page = answer->html && is_private;
    finding(
        findings, FINDING_FAILURE, "%s: %ld, everybody is let in: %s%s%s%s", to, answer->status,
        is_private
            ? "nothing guards this URL, or its BEARER_REQUIRE is optional; the page in doc/ for "
              "this web server has what opens the door: "
            : "that is the public endpoint; name a private one",
        is_private ? lines->doors : "",
        page ? ". If that is a page of the web server in the place of a denial: " : "",
        page ? lines->denials : "");
}

/* A denial that came with our body: what else was ours. */
static void tell_fields(struct findings *findings, const struct server_lines *lines, const char *to,
                        const struct probe_answer *answer)
{
    if (strncasecmp(answer->type, "application/json", strlen("application/json")) != 0) {
        bool apache = is_apache(lines);
        finding(findings, apache ? FINDING_OK : FINDING_WARNING,
                "%s: the body is JSON, but the web server says it is %s%s", to,
                answer->type[0] != '\0' ? answer->type : "nothing at all",
                apache ? ", as mod_authnz_fcgi always does"
                       : ": let it leave Content-Type as it is");
    }
    if (!answer->nosniff) {
        finding(
            findings, FINDING_WARNING,
            "%s: the web server takes X-Content-Type-Options: nosniff away: let it leave that as "
            "it is",
            to);
    }
    if (!answer->no_store) {
        finding(
            findings, FINDING_WARNING,
            "%s: the web server takes Cache-Control: no-store away, so that a cache may keep the "
            "answer: let it leave that as it is",
            to);
    }
}

/* False: it is not a denial of bearer.fcgi's. */
static bool tell_challenge(struct findings *findings, const struct server_lines *lines,
                           const char *to, const struct probe_answer *answer)
{
    if (answer->bearers == 0 && answer->other[0] != '\0') {
        finding(
            findings, FINDING_FAILURE,
            "%s: 401, but the challenge is %s, not Bearer: another module of the web server asks "
            "for a password (AuthType, auth_basic, auth.require): switch that off for this URL",
            to, answer->other);
        return false;
    }
    if (answer->bearers == 0 && answer->detail[0] == '\0') {
        finding(findings, FINDING_FAILURE,
                "%s: 401 without a challenge, and not in the words of bearer.fcgi: which program "
                "answers there?",
                to);
        return false;
    }
    if (answer->bearers == 0) {
        finding(findings, FINDING_WARNING,
                "%s: 401, but the web server takes WWW-Authenticate away, and clients do not learn "
                "what is asked for: let it leave that as it is",
                to);
    } else if (strstr(answer->bearer, "realm=\"") == NULL) {
        finding(findings, FINDING_WARNING,
                "%s: 401 with the challenge %s, which is not bearer.fcgi's: does another program "
                "answer there?",
                to, answer->bearer);
    }
    if (answer->bearers > 1) {
        finding(findings, FINDING_WARNING,
                "%s: the challenge comes %u times; once is enough, as in the shipped file for %s",
                to, answer->bearers, lines->name);
    }
    if (answer->bearers > 0 && answer->other[0] != '\0') {
        finding(
            findings, FINDING_WARNING,
            "%s: a challenge for %s comes along, so that browsers ask for a password: another "
            "module of the web server (AuthType, auth_basic, auth.require) is not switched off for "
            "this URL",
            to, answer->other);
    }
    return true;
}

/* A denial with our challenge and another body. mod_fcgid serves a file with the status of the
 * denial, where Apache lets it in all the same; Apache's own pages are HTML. False: it is no
 * denial. */
static bool tell_body(struct findings *findings, const struct server_lines *lines, const char *to,
                      const struct probe_answer *answer)
{
    const bool apache = is_apache(lines);
    if (apache && !answer->html) {
        finding(findings, FINDING_FAILURE,
                "%s: 401 with the challenge, but the body is neither ours nor a page of Apache's "
                "own: mod_fcgid serves so what is guarded, where something opens the door; look "
                "for %s",
                to, lines->doors);
        return false;
    }
    finding(findings, FINDING_WARNING,
            "%s: 401 with the challenge, but %s instead of our body: clients learn less than they "
            "could; %s%s%s",
            to, answer->html ? "a page of the web server's own" : "another body", lines->denials,
            apache ? ". If it is the page that is guarded, look for " : "",
            apache ? lines->doors : "");
    return true;
}

bool answer_to_nobody(struct findings *findings, const struct server_lines *lines,
                      const struct probe_answer *answer)
{
    static const char to[] = "without a token";
    unsigned warnings = findings->count[FINDING_WARNING];
    if (answer_lets_in(answer)) {
        tell_open(findings, lines, to, answer);
        return false;
    }
    if (answer->status != 401) {
        tell_status(findings, lines, to, answer);
        return false;
    }
    if (!tell_challenge(findings, lines, to, answer)) {
        return false;
    }
    if (says(answer, BEARER_NO_CREDENTIALS)) {
        tell_fields(findings, lines, to, answer);
    } else if (!tell_body(findings, lines, to, answer)) {
        return false;
    }
    if (findings->count[FINDING_WARNING] == warnings) {
        finding(findings, FINDING_OK, "%s: 401 \"%s\" with the challenge %s, as it should be", to,
                text_of(BEARER_NO_CREDENTIALS), answer->bearer);
    }
    return true;
}

bool answer_saw_token(const struct probe_answer *answer)
{
    if (!answer->answered) {
        return false;
    }
    if (answer->status == 401) {
        return strstr(answer->bearer, "error=\"invalid_token\"") != NULL ||
               (answer->detail[0] != '\0' && !says(answer, BEARER_NO_CREDENTIALS));
    }
    return answer->status == 503 && says(answer, BEARER_NO_KEYS);
}

bool answer_to_token(struct findings *findings, const struct server_lines *lines,
                     const struct probe_answer *answer)
{
    static const char to[] = "with a made-up token";
    char shown[FINDING_PIECE];
    if (answer_lets_in(answer)) {
        tell_open(findings, lines, to, answer);
        return false;
    }
    if (answer->status == 401 && !answer_saw_token(answer)) {
        finding(
            findings, FINDING_FAILURE,
            "Authorization header: it does not arrive: a made-up token was answered as if there "
            "were none; %s",
            lines->authorization);
        return false;
    }
    if (answer->status != 401) {
        tell_status(findings, lines, to, answer);
        return answer_saw_token(answer);
    }
    finding(findings, FINDING_OK,
            "Authorization header: it arrives, and a made-up token is refused: %s",
            answer->detail[0] != '\0' ? finding_shown(shown, answer->detail) : "invalid_token");
    return true;
}

bool answer_is_scant(const struct probe_answer *answer)
{
    return answer->answered && answer->status == 403 &&
           strstr(answer->bearer, "error=\"insufficient_scope\"") != NULL;
}

bool answer_to_good(struct findings *findings, const struct server_lines *lines,
                    const struct probe_answer *answer)
{
    static const char to[] = "with the good token";
    char shown[FINDING_PIECE];
    if (answer_lets_in(answer)) {
        return true;
    }
    if (answer->status == 404 && answer->detail[0] == '\0') {
        finding(
            findings, FINDING_WARNING,
            "%s: 404: it is let in, but there is nothing: name a file that exists, so that doctor "
            "can look at what it gets",
            to);
        return false;
    }
    if (answer_is_scant(answer)) {
        finding(
            findings, FINDING_WARNING,
            "with the given token: 403%s%s: this URL requires more; doctor looks with it for a "
            "looser rule. If it should be let in, \"bearerctl explain - --require POLICY\" says "
            "what is missing, with what this location requires as POLICY",
            answer->detail[0] != '\0' ? ", " : "", finding_shown(shown, answer->detail));
        return false;
    }
    if (answer->status == 401 || answer->status == 403) {
        finding(
            findings, FINDING_FAILURE,
            "%s: %ld%s%s: it is refused; \"bearerctl explain - --require POLICY\" says why, with "
            "what this location requires as POLICY",
            to, answer->status, answer->detail[0] != '\0' ? ", " : "",
            finding_shown(shown, answer->detail));
        return false;
    }
    tell_status(findings, lines, to, answer);
    return false;
}

void answer_to_two(struct findings *findings, const struct server_lines *lines,
                   const struct probe_answer *answer)
{
    static const char to[] = "with two tokens in one header";
    bool said = strstr(answer->bearer, "error=\"invalid_request\"") != NULL;
    if (answer->status == 400 && said) {
        finding(findings, FINDING_OK,
                "%s: 400 with its challenge, as it should be: statuses arrive as they are", to);
    } else if (said || says(answer, BEARER_TWO_CREDENTIALS)) {
        finding(
            findings, FINDING_WARNING,
            "%s: the program said 400, the web server answers %ld%s: denials change on their way; "
            "%s",
            to, answer->status, said ? "" : " without its challenge", lines->denials);
    } else {
        finding(
            findings, FINDING_WARNING,
            "%s: %ld, and that is not what the program says (400): the web server, or a proxy in "
            "front of it, judges the header by itself",
            to, answer->status);
    }
}
