/* SPDX-License-Identifier: MIT */
/* A CGI program that does nothing, linked like bearer.fcgi: what plain CGI costs before anything is
 * decided. The references keep the linker from leaving a library out. */
#include <fcgiapp.h>
#include <gnutls/gnutls.h>
#include <json-c/json.h>
#include <stdio.h>

int main(void)
{
    const void *volatile used[] = {(const void *)FCGX_IsCGI, (const void *)gnutls_check_version,
                                   (const void *)json_c_version};
    (void)used;
    return puts("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r") < 0;
}
