/* SPDX-License-Identifier: MIT */
/* What libfcgi alone can do: a responder that gives everybody the same octets. The measure for
 * bearer.fcgi.
 *
 * It takes the place of bearer.fcgi in a copy of the same installation; the answer (header lines,
 * an empty line, the body) is the file `answer` in the working directory. */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static char answer[65536];
    FCGX_Request request;
    FILE *file = fopen("answer", "rbe");
    if (file == NULL) {
        perror("bare: answer");
        return EXIT_FAILURE;
    }
    size_t length = fread(answer, 1, sizeof answer, file);
    fclose(file);
    if (length == 0 || length == sizeof answer || FCGX_Init() != 0 ||
        FCGX_InitRequest(&request, 0, 0) != 0) {
        fprintf(stderr, "bare: no answer, or no libfcgi\n");
        return EXIT_FAILURE;
    }
    while (FCGX_Accept_r(&request) == 0) {
        char rest[512];
        while (FCGX_GetStr(rest, sizeof rest, request.in) >
               0) { /* else a kept connection ends where the end of STDIN comes late */
        }
        if (FCGX_PutStr(answer, (int)length, request.out) < 0) {
            break;
        }
    }
    return EXIT_SUCCESS;
}
