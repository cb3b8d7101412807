#include "fetch.h"

#include <curl/curl.h>
#include <dirent.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "memory.h"

#define CONNECT_SECONDS 4L
#define TOTAL_SECONDS   10L
#define LOW_BYTES       100L /* per second, for LOW_SECONDS: a server that drips is given up */
#define LOW_SECONDS     5L

/* With all authorities of a Debian system libcurl and GnuTLS hold 8 MB; where they get no memory they crash (memory.h). */
#define MEMORY_FOR_FETCH (16L * 1024 * 1024)

#define AGE_MAX 2147483648LL /* RFC 9111, section 1.2.2 */

struct body {
    struct fetch_response *response;
    size_t size;
    bool too_long;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct body *body = context;
    struct fetch_response *response = body->response;
    size_t length = size * count; /* curl: at most CURL_MAX_WRITE_SIZE */
    if (length > FETCH_BODY_MAX - response->length) {
        body->too_long = true;
        return 0;
    }
    if (response->length + length + 1 > body->size) {
        size_t wanted = (response->length + length + 1) * 2;
        char *grown = realloc(response->body, wanted);
        if (grown == NULL) {
            return 0;
        }
        response->body = grown;
        body->size = wanted;
    }
    memcpy(response->body + response->length, bytes, length);
    response->length += length;
    response->body[response->length] = '\0';
    return length;
}

/* Keeps the value of the header line if its name is this one, it is printable and fits. */
static bool take_value(const char *line, size_t length, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    if (length <= n || line[n] != ':' || strncasecmp(line, name, n) != 0) {
        return false;
    }
    const char *value = line + n + 1;
    const char *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    size_t used = (size_t)(end - value);
    bool good = used < size;
    for (size_t i = 0; good && i < used; i++) {
        good = value[i] >= 0x20 && value[i] <= 0x7e;
    }
    memcpy(out, value, good ? used : 0);
    out[good ? used : 0] = '\0';
    return true;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch_response *response = context;
    size_t length = size * count;
    char text[64];
    if (take_value(bytes, length, "ETag", response->etag, sizeof response->etag) ||
        take_value(bytes, length, "Last-Modified", response->last_modified, sizeof response->last_modified)) {
        return length;
    }
    if (take_value(bytes, length, "Date", text, sizeof text) && text[0] != '\0') {
        response->date = curl_getdate(text, NULL);
    } else if (take_value(bytes, length, "Age", text, sizeof text)) {
        long long age = strtoll(text, NULL, 10);
        response->age = age > 0 && age < AGE_MAX ? age : 0;
    }
    return length;
}

static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
    char line[512];
    if (value == NULL || *value == '\0') {
        return true;
    }
    int n = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = n > 0 && (size_t)n < sizeof line ? curl_slist_append(*headers, line) : NULL;
    if (longer == NULL) {
        return false;
    }
    *headers = longer;
    return true;
}

static bool set_options(CURL *curl, const struct fetch_request *request, struct curl_slist *headers,
                        struct body *body, char *error)
{
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    bad |= curl_easy_setopt(curl, CURLOPT_URL, request->url);
    bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
    bad |= curl_easy_setopt(curl, CURLOPT_NOPROXY, ""); /* else $no_proxy decides */
    bad |= curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, LOW_BYTES);
    bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, LOW_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)FETCH_BODY_MAX);
    bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, body->response);
    return bad == CURLE_OK;
}

static void close_directory(DIR **directory)
{
    if (*directory != NULL) {
        closedir(*directory);
    }
}

/* Whether libcurl would find anything in this directory. */
static bool holds_certificates(const char *path)
{
    DIR *directory CLEANUP(close_directory) = opendir(path);
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct stat st;
        const char *ending = strrchr(entry->d_name, '.');
        if (ending != NULL &&
            (strcmp(ending, ".pem") == 0 || strcmp(ending, ".crt") == 0 || strcmp(ending, ".0") == 0) &&
            fstatat(dirfd(directory), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
            faccessat(dirfd(directory), entry->d_name, R_OK, 0) == 0) {
            return true;
        }
    }
    return false;
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
        struct stat st;
        if (stat(files[i], &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
            access(files[i], R_OK) == 0) {
            return files[i];
        }
    }
    return NULL;
}

/* Whom to trust: the file that is configured and no other, else what libcurl was built with, else what another system has. */
static bool set_authorities(CURL *curl, const struct fetch_request *request, struct diag *diag)
{
    const char *wanted = request->ca_file;
    if (wanted == NULL) {
        char *file = NULL;
        char *path = NULL;
        (void)curl_easy_getinfo(curl, CURLINFO_CAINFO, &file);
        (void)curl_easy_getinfo(curl, CURLINFO_CAPATH, &path);
        if ((file != NULL && access(file, R_OK) == 0) || (path != NULL && holds_certificates(path))) {
            return true;
        }
        wanted = authorities_elsewhere();
    }
    if (wanted == NULL) {
        diag_set(diag,
                 "%s: no authorities to trust were found on this machine: set BEARER_CA_FILE to a file of "
                 "their certificates in PEM",
                 request->url);
        return false;
    }
    if (curl_easy_setopt(curl, CURLOPT_CAINFO, wanted) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) != CURLE_OK) { /* that one alone */
        diag_set(diag, "%s: libcurl could not be set up", request->url);
        return false;
    }
    return true;
}

/* What is wrong with the server's certificate; NULL: libcurl itself says it. Only with GnuTLS below libcurl are the bits GnuTLS's. */
static const char *certificate_flaw(CURL *curl)
{
    static const struct {
        unsigned bit;
        const char *text;
    } flaws[] = {
        {GNUTLS_CERT_EXPIRED, "it has expired"},
        {GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet"},
        {GNUTLS_CERT_REVOKED, "it has been revoked"},
        {GNUTLS_CERT_INSECURE_ALGORITHM, "it is signed by an algorithm that is not secure"},
        {GNUTLS_CERT_SIGNER_NOT_FOUND, "no authority that is trusted here has signed it"},
        {GNUTLS_CERT_SIGNER_NOT_CA, "what has signed it is no authority"},
        {GNUTLS_CERT_SIGNATURE_FAILURE, "its signature is wrong"},
        {GNUTLS_CERT_PURPOSE_MISMATCH, "it is not for servers"},
    };
    long status = 0;
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    if (library == NULL || strncmp(library, "GnuTLS/", 7) != 0 ||
        curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &status) != CURLE_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++) {
        if (((unsigned long)status & flaws[i].bit) != 0) {
            return flaws[i].text;
        }
    }
    return NULL;
}

static enum fetch_result judge(CURL *curl, const struct fetch_request *request, const struct body *body,
                               CURLcode code, const char *error, struct diag *diag)
{
    long status = 0;
    if (body->too_long || code == CURLE_FILESIZE_EXCEEDED) {
        diag_set(diag, "%s: the answer is larger than 1 MiB", request->url);
        return FETCH_FAILED;
    }
    const char *flaw = code == CURLE_PEER_FAILED_VERIFICATION ? certificate_flaw(curl) : NULL;
    if (flaw != NULL) {
        diag_set(diag, "%s: the server's certificate is refused: %s", request->url, flaw);
        return FETCH_FAILED;
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        diag_set(diag, "%s: out of memory, or the answer has a header line of more than 100 KiB",
                 request->url);
        return FETCH_FAILED;
    }
    if (code != CURLE_OK) {
        char shown[CURL_ERROR_SIZE]; /* the peer's certificate may be quoted in it */
        diag_set(diag, "%s: %s", request->url,
                 *error != '\0' ? log_escape(shown, sizeof shown, error, strlen(error))
                                : curl_easy_strerror(code));
        return FETCH_FAILED;
    }
    bool conditional = request->etag != NULL || request->last_modified != NULL;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 304 && conditional) {
        return FETCH_NOT_MODIFIED;
    }
    if (status != 200) {
        diag_set(diag, "%s: the server answered %ld%s", request->url, status,
                 status >= 300 && status < 400 && status != 304
                     ? " (redirects are not followed: name the final URL)"
                     : "");
        return FETCH_FAILED;
    }
    if (body->response->body == NULL) {
        diag_set(diag, "%s: the answer is empty", request->url);
        return FETCH_FAILED;
    }
    return FETCH_OK;
}

static void free_headers(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void end_curl(const bool *started)
{
    if (*started) {
        curl_global_cleanup();
    }
}

enum fetch_result fetch(const struct fetch_request *request, struct fetch_response *response,
                        struct diag *diag)
{
    char error[CURL_ERROR_SIZE] = "";
    struct body body = {.response = response};
    *response = (struct fetch_response){.date = -1};
    if (!memory_left(MEMORY_FOR_FETCH)) {
        diag_set(diag, "%s: less than 16 MiB of memory are left for the fetch", request->url);
        return FETCH_FAILED;
    }
    const bool started CLEANUP(end_curl) = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!started) {
        diag_set(diag, "libcurl could not be initialized");
        return FETCH_FAILED;
    }
    struct curl_slist *headers CLEANUP(free_headers) = NULL;
    CURL *curl CLEANUP(free_curl) = curl_easy_init();
    if (curl == NULL || !add_header(&headers, "If-None-Match", request->etag) ||
        !add_header(&headers, "If-Modified-Since", request->last_modified) ||
        !add_header(&headers, "Accept", "application/json, application/jwk-set+json") ||
        !set_options(curl, request, headers, &body, error)) {
        diag_set(diag, "%s: libcurl could not be set up", request->url);
        return FETCH_FAILED;
    }
    if (!set_authorities(curl, request, diag)) {
        return FETCH_FAILED;
    }
    CURLcode code = curl_easy_perform(curl);
    if (response->date >= 0) {
        response->date += response->age;
    }
    return judge(curl, request, &body, code, error, diag);
}

void fetch_clear(struct fetch_response *response)
{
    free(response->body);
    response->body = NULL;
    response->length = 0;
}
