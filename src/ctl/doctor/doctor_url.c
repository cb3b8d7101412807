/* SPDX-License-Identifier: MIT */
/* doctor: the deployed endpoint, asked as a client asks it. Its tokens are made up and say so, but
 * for the one that it was given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/doctor/doctor_answer.h"
#include "ctl/doctor/doctor_look.h"
#include "ctl/fetch/remedy.h"

#define KIB 1024

/* Of the longest token there may be, by what Apache's mod_proxy_fcgi and mod_authnz_fcgi let less
 * through, however they are configured. */
#define APACHE_LESS 64

/* What BEARER_CA_FILE holds signs the issuer's certificate; the site's may be signed by one of the
 * system's as well. */
static bool ask_first(struct look *look, struct probe_answer *answer)
{
    bool ca_file = look->probe.ca_file != NULL;
    look_get(look, "without a token", NULL, answer);
    if (ca_file && answer->cause == CAUSE_CERTIFICATE_AUTHORITY) {
        struct probe_answer other;
        const char *own = look->probe.ca_file;
        look->probe.ca_file = NULL;
        look_get(look, "without a token", NULL, &other);
        if (other.cause == CAUSE_NO_AUTHORITIES || other.cause == CAUSE_PROXY_AUTHORITY) {
            look->probe.ca_file = own; /* the first answer says more */
        } else {
            *answer = other;
        }
    }
    return look_answered(look, ca_file, answer);
}

static void tell_server(struct look *look, const struct probe_answer *answer)
{
    enum server server = server_of(answer);
    look->lines = server_lines(server);
    finding(look->findings, FINDING_OK, "url: %s is answered by %s%s%s%s", look->url,
            look->lines->name, answer->server[0] != '\0' ? " (Server: " : "",
            answer->server[0] != '\0' ? answer->server : "",
            answer->server[0] != '\0'  ? ")"
            : server == SERVER_HAPROXY ? ", by the looks of it"
                                       : "");
}

/* Whether it is that of a profile. */
static bool is_a_realm(const struct config *all, const char *realm, size_t length)
{
    while (all != NULL &&
           (strlen(all->realm) != length || memcmp(all->realm, realm, length) != 0)) {
        all = all->next;
    }
    return all != NULL;
}

/* Other workers than this configuration's have other realms, if that was ever set. */
static void tell_realm(struct look *look, const struct probe_answer *answer)
{
    static const char name[] = "realm=\"";
    const struct config *config = look->doctor->config;
    const char *realm = strstr(answer->bearer, name);
    if (config == NULL || realm == NULL) {
        return;
    }
    realm += strlen(name);
    if (!is_a_realm(look->doctor->all, realm, strcspn(realm, "\""))) {
        finding(
            look->findings, FINDING_WARNING,
            "url: its challenge is %s, but BEARER_REALM is %s here: the workers there have another "
            "configuration than the one above",
            answer->bearer, config->realm);
    }
}

/* How a token that is too long for somebody on the way was turned down. */
static const char *turned_down(char *out, const struct probe_answer *answer)
{
    if (!answer->answered) {
        return "the connection ends";
    }
    if (answer->status == 401) {
        return "it is dropped on the way";
    }
    (void)snprintf(out, FINDING_PIECE, "the web server answers %ld", answer->status);
    return out;
}

/* The longest token that arrives, from the longest that may be downwards. Real ones have up to 8
 * KiB. */
static void tell_size(struct look *look)
{
    static const unsigned sizes[] = {16, 12, 8, 4};
    struct probe_answer answer;
    char how[FINDING_PIECE] = "";
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char as[40];
        char text[FINDING_PIECE];
        (void)snprintf(as, sizeof as, "with a token of %u KiB", sizes[i]);
        look_get_made_up(look, as, sizes[i] * KIB - (i == 0 ? APACHE_LESS : 0), &answer);
        if (answer_saw_token(&answer) && i == 0) {
            finding(look->findings, FINDING_OK,
                    "size: a token of %u KiB arrives, the longest there may be", sizes[i]);
            return;
        }
        if (answer_saw_token(&answer)) {
            finding(look->findings, FINDING_WARNING,
                    "size: a token of %u KiB arrives, one of %u KiB does not (%s), and with many "
                    "permissions they are long; set %s",
                    sizes[i], refused, how, look->lines->limit);
            return;
        }
        refused = sizes[i];
        (void)snprintf(how, sizeof how, "%s", turned_down(text, &answer));
    }
    finding(
        look->findings, FINDING_WARNING,
        "size: not even a token of %u KiB arrives (%s), and with permissions they are longer; set "
        "%s",
        refused, how, look->lines->limit);
}

/* Two of them, with a comma. */
static bool ask_two(struct look *look, struct probe_answer *answer)
{
    char *one CLEANUP(cleanup_free) = probe_made_up(look->alg, LOOK_SHORT);
    char *two CLEANUP(cleanup_free) = NULL;
    if (one == NULL || asprintf(&two, "%s, %s", one, one) < 0) {
        two = NULL;
        return false;
    }
    look_get(look, "with two tokens", two, answer);
    return look_answered(look, false, answer);
}

static const char *first_algorithm(const struct config *config)
{
    unsigned alg = JWA_UNKNOWN + 1;
    while (config != NULL && alg + 1 < JWA__MAX && (config->algs & JWA_BIT(alg)) == 0) {
        alg++;
    }
    return config != NULL ? jwa_name((enum jwa)alg) : "RS256";
}

static void tell_way(struct look *look)
{
    const struct transfer_url *url = &look->doctor->url;
    if (!url->https && !url->loopback) {
        finding(
            look->findings, FINDING_WARNING,
            "url: %s is plain http: anyone on the way can read its clients' tokens, and use them; "
            "serve it by https",
            look->url);
    }
    if (look->probe.proxy != NULL) {
        finding(look->findings, FINDING_OK, "url: asked through BEARER_PROXY");
    }
}

/* As long as they arrive. */
static void look_with_tokens(struct look *look)
{
    struct probe_answer answer;
    look_get_made_up(look, "with a made-up token", LOOK_SHORT, &answer);
    if (look_answered(look, false, &answer) &&
        answer_to_token(look->findings, look->lines, &answer) && ask_two(look, &answer)) {
        answer_to_two(look->findings, look->lines, &answer);
        tell_size(look);
    }
}

void doctor_url(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct probe_answer answer;
    struct look look = {
        .doctor = doctor,
        .findings = &doctor->findings,
        .probe = {.url = doctor->url_text,
                  .shown = doctor->url.shown,
                  .ca_file = config != NULL ? config->ca_file : NULL,
                  .ca_owner = config != NULL ? config->program_owner : (uid_t)-1,
                  .proxy = config != NULL && !doctor->url.loopback ? config->proxy : NULL,
                  .token_header = config != NULL ? config_token_header(config) : NULL},
        .alg = first_algorithm(config),
        .good = doctor->credentials,
    };
    finding_shown(look.url, doctor->url.shown);
    tell_way(&look);
    if (!ask_first(&look, &answer)) {
        return;
    }
    tell_server(&look, &answer);
    if (!answer_to_nobody(look.findings, look.lines, &answer)) {
        return;
    }
    tell_realm(&look, &answer);
    look_with_tokens(&look);
    if (look.good != NULL) {
        doctor_good(&look);
    }
    doctor_doors(&look);
}
