/* SPDX-License-Identifier: MIT */
#include "ctl/fetch/remedy.h"

#include <stddef.h>

#define WAY_OUT                                                                                  \
    "may this machine open connections there? A proxy goes into BEARER_PROXY; where nothing is " \
    "let out, bring the document here yourself and set BEARER_JWKS_URI=file:///PATH"
#define ADDRESS "look whether the address is right (AUTH0_DOMAIN, AUTH0_ISSUER or BEARER_JWKS_URI)"
#define BRING   "bring its key set here yourself and set BEARER_JWKS_URI=file:///PATH"
#define PROXY   "BEARER_PROXY is set: does it answer, and let this connection through?"
#define NOT_PROXY                                                                           \
    "the proxy does not let this connection through: have host and port allowed there, or " \
    "unset BEARER_PROXY"
#define LOGIN                                                 \
    "the proxy wants a user name and a password, or others: " \
    "BEARER_PROXY=http://USER:PASSWORD@HOST:PORT in a file that nobody else can read"
#define PROXY_PLAIN                                                       \
    "is that a port on which the proxy speaks TLS? One that does not is " \
    "BEARER_PROXY=http://HOST:PORT"
#define PROXY_CERTIFICATE                                                                    \
    "is the host in BEARER_PROXY the one that the certificate names, and the clock of this " \
    "machine right? If so, the proxy's operator has to mend its certificate"
#define PROXY_AUTHORITY                                                                         \
    "set BEARER_CA_FILE to a file with the authority that signed the proxy's certificate, and " \
    "the one that signed the server's, because no other counts then"
#define PEM   "BEARER_CA_FILE must be a file of certificates in PEM"
#define CLOCK "is the clock of this machine right?"

/* By cause: for the keys, and where BEARER_CA_FILE or BEARER_PROXY was used, if that makes a
 * difference; and likewise for the site. */
static const struct {
    const char *keys, *keys_ca, *keys_proxy, *site, *site_ca, *site_proxy;
} rows[CAUSE__MAX] = {
    [CAUSE_HOST_UNKNOWN] =
        {.keys = "is the host right? " WAY_OUT,
         .site = "is the host right? This machine finds no address for it (DNS, /etc/hosts)"},
    [CAUSE_PROXY_UNKNOWN] = {.keys = "is the host in BEARER_PROXY right?",
                             .site = "is the host in BEARER_PROXY right?"},
    [CAUSE_REFUSED] = {.keys = WAY_OUT,
                       .keys_proxy = PROXY,
                       .site =
                           "nobody listens there: does the web server run, and is that its port?",
                       .site_proxy = PROXY},
    [CAUSE_UNREACHABLE] =
        {.keys = WAY_OUT,
         .keys_proxy = PROXY,
         .site = "there is no way from here to that host: ask on the web server itself, or set "
                 "BEARER_PROXY",
         .site_proxy = PROXY},
    [CAUSE_CONNECT_TIMEOUT] =
        {.keys = WAY_OUT,
         .keys_proxy = PROXY,
         .site = "a firewall keeps silent, or the host is down: ask on the web server itself, or "
                 "set BEARER_PROXY",
         .site_proxy = PROXY},
    [CAUSE_PROXY_REFUSED] = {.keys = NOT_PROXY, .site = NOT_PROXY},
    [CAUSE_PROXY_CREDENTIALS] = {.keys = LOGIN, .site = LOGIN},
    [CAUSE_TLS] =
        {.keys = "is that a port for HTTPS, and is nothing in between that stops it? " WAY_OUT,
         .keys_proxy = PROXY,
         .site = "is that the port for HTTPS? Plain HTTP is http://",
         .site_proxy = PROXY},
    [CAUSE_PROXY_TLS] = {.keys = PROXY_PLAIN, .site = PROXY_PLAIN},
    [CAUSE_PROXY_CERTIFICATE] = {.keys = PROXY_CERTIFICATE, .site = PROXY_CERTIFICATE},
    [CAUSE_PROXY_AUTHORITY] = {.keys = PROXY_AUTHORITY, .site = PROXY_AUTHORITY},
    [CAUSE_CERTIFICATE] = {.keys = "the operator of that server has to mend its certificate",
                           .site = "clients refuse it too: the server needs another certificate"},
    [CAUSE_CERTIFICATE_AUTHORITY] =
        {.keys =
             "if an authority of your own signed it, set BEARER_CA_FILE to a file with that; if a "
             "proxy in between opens connections, to a file with the authority of that proxy",
         .keys_ca = "BEARER_CA_FILE must hold the authority that signed it",
         .site =
             "clients refuse it too, unless they trust who signed it. Let the server send the "
             "whole chain, or for an authority of your own set BEARER_CA_FILE to a file with that",
         .site_ca =
             "neither those in BEARER_CA_FILE nor those of this machine signed it. Let the server "
             "send the whole chain, or put the authority into BEARER_CA_FILE"},
    [CAUSE_CERTIFICATE_EXPIRED] =
        {.keys = "the operator of that server has to renew it, unless the clock of this machine is "
                 "wrong",
         .site = "renew it, and reload the web server, unless the clock of this machine is wrong"},
    [CAUSE_CERTIFICATE_EARLY] = {.keys = CLOCK, .site = CLOCK},
    [CAUSE_CERTIFICATE_HOST] =
        {.keys = ADDRESS,
         .site = "clients refuse it too: name a host that it is for, or get one for this host"},
    [CAUSE_CA_FILE] = {.keys = PEM, .site = PEM},
    [CAUSE_TIMEOUT] =
        {.keys = "that server was reached and did not answer in time; try again",
         .keys_proxy = PROXY,
         .site =
             "the web server was reached, and gets no answer: do the workers run, or are all of "
             "them busy?",
         .site_proxy = PROXY},
    [CAUSE_ENDED] =
        {.keys = "what answers there breaks off, or is no web server; try again, or " ADDRESS,
         .keys_proxy = PROXY,
         .site = "what listens there breaks off, or is no web server; is it https:// instead of "
                 "http://, and what does its error log say?",
         .site_proxy = PROXY},
    [CAUSE_TOO_LARGE] = {.keys = ADDRESS},
    [CAUSE_ENCODING] =
        {.keys =
             "have that server send the document as it is (nginx: gzip_static on, not always), or "
             "bring the document here yourself and set BEARER_JWKS_URI=file:///PATH"},
    [CAUSE_REDIRECT] = {.keys = ADDRESS},
    [CAUSE_NOT_FOUND] = {.keys = ADDRESS},
    [CAUSE_STATUS] =
        {.keys = "that server has a fault, or it is not the issuer's; try again, or " ADDRESS},
    [CAUSE_NOT_JSON] = {.keys = ADDRESS},
    [CAUSE_CLOSED] =
        {.keys =
             "that document is not public: is the address right (BEARER_JWKS_URI)? If so, have it "
             "opened, or " BRING},
    [CAUSE_ISSUER_SLASH] =
        {.keys = "they differ by the slash at the end alone: set AUTH0_ISSUER to the first, which "
                 "is what its tokens name, and remove AUTH0_DOMAIN if that is set"},
    [CAUSE_ISSUER] =
        {.keys = "set AUTH0_ISSUER to the first if that is your issuer, and remove AUTH0_DOMAIN if "
                 "that is set; where its metadata cannot be had under that name from here, set "
                 "BEARER_JWKS_URI to the jwks_uri in these"},
    [CAUSE_ISSUER_PLAIN] =
        {.keys = "if that is your issuer, set AUTH0_ISSUER to the first and, as its keys cannot be "
                 "found by a name that is no https:// URL, BEARER_JWKS_URI to the https:// URL of "
                 "its keys; or " BRING},
    [CAUSE_ISSUER_NONE] = {.keys = "these are no metadata of an issuer: " ADDRESS},
    [CAUSE_METADATA_NOT_FOUND] =
        {.keys =
             "is AUTH0_ISSUER the issuer's name to the letter, as in iss of its tokens? If so it "
             "has no metadata there: ask it where its keys are, and set BEARER_JWKS_URI to that"},
    [CAUSE_METADATA_CLOSED] =
        {.keys =
             "its metadata are not public. Have them opened (Kubernetes: bind the cluster "
             "role system:service-account-issuer-discovery to the group system:unauthenticated), "
             "or " BRING " (Kubernetes: kubectl get --raw /openid/v1/jwks)"},
    [CAUSE_JWKS_URI] = {.keys =
                            "ask the issuer where its keys are and set BEARER_JWKS_URI to that"},
};

const char *remedy(enum cause cause, enum remedy_for what, bool ca_file, bool proxy)
{
    size_t i = (size_t)cause < CAUSE__MAX ? (size_t)cause : CAUSE_OTHER;
    bool site = what == REMEDY_SITE;
    const char *with_ca = site ? rows[i].site_ca : rows[i].keys_ca;
    const char *with_proxy = site ? rows[i].site_proxy : rows[i].keys_proxy;
    if (ca_file && with_ca != NULL) {
        return with_ca;
    }
    if (proxy && with_proxy != NULL) {
        return with_proxy;
    }
    return site ? rows[i].site : rows[i].keys;
}
