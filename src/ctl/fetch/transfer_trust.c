/* SPDX-License-Identifier: MIT */
/* Whose certificates are trusted, and what is wrong with one that is not. */
#include "ctl/fetch/transfer_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"

/* Octets that are looked at of a file with a certificate. */
#define CERTIFICATE_MAX 16384

static void close_directory(DIR **directory)
{
    if (*directory != NULL) {
        closedir(*directory);
    }
}

/* The first certificate in an open file, if that of an authority is there: a server's own, as
 * Debian's ssl-cert leaves it among the authorities, vouches for nobody. */
static bool is_authority(int fd)
{
    char text[CERTIFICATE_MAX];
    size_t length = 0;
    gnutls_x509_crt_t certificate = NULL;
    if (!safe_read_all(fd, text, sizeof text - 1, &length) ||
        gnutls_x509_crt_init(&certificate) < 0) {
        return false;
    }
    text[length] = '\0';
    const gnutls_datum_t pem = {.data = (unsigned char *)text, .size = (unsigned)length};
    bool is = gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) >= 0 &&
              gnutls_x509_crt_get_ca_status(certificate, NULL) > 0;
    gnutls_x509_crt_deinit(certificate);
    return is;
}

/* Whether libcurl would find anything in this directory. */
static bool holds_authorities(const char *path)
{
    DIR *directory CLEANUP(close_directory) = opendir(path);
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending == NULL || (strcmp(ending, ".pem") != 0 && strcmp(ending, ".crt") != 0 &&
                               strcmp(ending, ".0") != 0)) {
            continue;
        }
        struct stat st;
        int fd CLEANUP(cleanup_fd) =
            openat(dirfd(directory), entry->d_name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_authority(fd)) {
            return true;
        }
    }
    return false;
}

static bool is_bundle(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && access(path, R_OK) == 0;
}

/* Where other systems than the one libcurl was built on keep the authorities. */
static const char *authorities_elsewhere(void)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Red Hat and its kin */
        "/etc/ssl/ca-bundle.pem",             /* SUSE */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem", /* Alpine, the BSDs */
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (is_bundle(files[i])) {
            return files[i];
        }
    }
    return NULL;
}

/* Opens the configured file, with the checks of a configuration: what passed them is what libcurl
 * gets, by its descriptor and not by its name. (CURLOPT_CAINFO_BLOB would do, but not over GnuTLS.)
 * Where there is no /proc it is the name after all; nobody but those who may own the file can make
 * that stand for another one. NULL with a message. */
static const char *open_configured(struct get *get, char *name, size_t size, struct diag *diag)
{
    const struct transfer_request *request = get->request;
    get->ca_fd = safe_open(request->ca_file, request->ca_owner, diag);
    if (get->ca_fd < 0) {
        get->answer->cause = CAUSE_CA_FILE;
        diag_wrap(diag, "%s: BEARER_CA_FILE", transfer_shown(request));
        return NULL;
    }
    (void)snprintf(name, size, "/proc/self/fd/%d", get->ca_fd);
    return access(name, R_OK) == 0 ? name : request->ca_file;
}

static bool begins(const char *url, const char *scheme)
{
    return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

bool transfer_by_https_proxy(const struct transfer_request *request)
{
    return request->proxy != NULL && begins(request->proxy, "https://");
}

/* These alone: those that libcurl was built with count no more. */
static bool trust(CURL *curl, const char *file, bool proxy_too)
{
    if (curl_easy_setopt(curl, CURLOPT_CAINFO, file) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) != CURLE_OK) {
        return false;
    }
    return !proxy_too || (curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, file) == CURLE_OK &&
                          curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK);
}

/* Whether libcurl has authorities without being told. For proxies it looks at the same places. */
static bool has_own(CURL *curl)
{
    char *file = NULL;
    char *path = NULL;
    (void)curl_easy_getinfo(curl, CURLINFO_CAINFO, &file);
    (void)curl_easy_getinfo(curl, CURLINFO_CAPATH, &path);
    return (file != NULL && is_bundle(file)) || (path != NULL && holds_authorities(path));
}

bool transfer_set_authorities(struct get *get, struct diag *diag)
{
    const struct transfer_request *request = get->request;
    char name[32];
    const char *wanted = NULL;
    if (begins(request->url, "http://") && !transfer_by_https_proxy(request)) {
        return true;
    }
    if (request->ca_file != NULL) {
        wanted = open_configured(get, name, sizeof name, diag);
        if (wanted == NULL) {
            return false;
        }
    } else if (has_own(get->curl)) {
        return true;
    } else {
        wanted = authorities_elsewhere();
    }
    if (wanted == NULL) {
        get->answer->cause = CAUSE_NO_AUTHORITIES;
        diag_set(diag,
                 "%s: no authorities to trust were found on this machine: install the package "
                 "ca-certificates, or set BEARER_CA_FILE to a file of their certificates in PEM",
                 transfer_shown(request));
        return false;
    }
    if (!trust(get->curl, wanted, transfer_by_https_proxy(request))) {
        diag_set(diag, "%s: libcurl could not be set up", transfer_shown(request));
        return false;
    }
    return true;
}

bool transfer_at_proxy(const struct get *get)
{
    long status = 0;
    (void)curl_easy_getinfo(get->curl, CURLINFO_HTTP_CONNECTCODE, &status);
    return transfer_by_https_proxy(get->request) && status == 0;
}

/* The cause, if it is the proxy's certificate. */
static enum cause of_proxy(enum cause cause)
{
    return cause == CAUSE_CERTIFICATE_AUTHORITY ? CAUSE_PROXY_AUTHORITY : CAUSE_PROXY_CERTIFICATE;
}

const char *transfer_certificate_flaw(const struct get *get, enum cause *cause)
{
    static const struct {
        unsigned bit;
        enum cause cause;
        const char *text;
    } flaws[] = {
        {GNUTLS_CERT_EXPIRED, CAUSE_CERTIFICATE_EXPIRED, "it has expired"},
        {GNUTLS_CERT_NOT_ACTIVATED, CAUSE_CERTIFICATE_EARLY, "it is not valid yet"},
        {GNUTLS_CERT_REVOKED, CAUSE_CERTIFICATE, "it has been revoked"},
        {GNUTLS_CERT_INSECURE_ALGORITHM, CAUSE_CERTIFICATE,
         "it is signed by an algorithm that is not secure"},
        {GNUTLS_CERT_SIGNER_NOT_FOUND, CAUSE_CERTIFICATE_AUTHORITY,
         "no authority that is trusted here has signed it"},
        {GNUTLS_CERT_SIGNER_NOT_CA, CAUSE_CERTIFICATE_AUTHORITY,
         "the certificate that signed it is not one of an authority"},
        {GNUTLS_CERT_SIGNATURE_FAILURE, CAUSE_CERTIFICATE, "its signature is wrong"},
        {GNUTLS_CERT_PURPOSE_MISMATCH, CAUSE_CERTIFICATE, "it is not for servers"},
    };
    long status = 0;
    bool proxy = transfer_at_proxy(get);
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    *cause = proxy ? CAUSE_PROXY_CERTIFICATE : CAUSE_CERTIFICATE;
    if (library == NULL || strncmp(library, "GnuTLS/", 7) != 0 ||
        curl_easy_getinfo(get->curl,
                          proxy ? CURLINFO_PROXY_SSL_VERIFYRESULT : CURLINFO_SSL_VERIFYRESULT,
                          &status) != CURLE_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++) {
        if (((unsigned long)status & flaws[i].bit) != 0) {
            *cause = proxy ? of_proxy(flaws[i].cause) : flaws[i].cause;
            return flaws[i].text;
        }
    }
    if (status == 0 && !proxy) { /* the one thing libcurl looks at itself */
        *cause = CAUSE_CERTIFICATE_HOST;
    }
    return NULL;
}
