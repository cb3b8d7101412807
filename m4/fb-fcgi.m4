dnl SPDX-License-Identifier: MIT
dnl FB_FCGI_LENGTHS: refuses a libfcgi that the param lengths of CVE-2025-23016 make write behind its heap. That cannot be told by its version: Debian mended 2.4.2, and the library
dnl says none. So a program tries it. Needs FCGI_CFLAGS and FCGI_LIBS.
AC_DEFUN([FB_FCGI_LENGTHS], [
    AC_CACHE_CHECK([whether libfcgi refuses absurd lengths of params], [fb_cv_fcgi_lengths], [
        fb_saved_cppflags=$CPPFLAGS
        fb_saved_libs=$LIBS
        CPPFLAGS="$CPPFLAGS $FCGI_CFLAGS -I$srcdir/build-aux"
        LIBS="$FCGI_LIBS $LIBS"
        AC_RUN_IFELSE([AC_LANG_SOURCE([[#include "fcgi-lengths.c"]])],
            [fb_cv_fcgi_lengths=yes], [fb_cv_fcgi_lengths=no], [fb_cv_fcgi_lengths=unknown])
        CPPFLAGS=$fb_saved_cppflags
        LIBS=$fb_saved_libs
    ])
    AS_CASE([$fb_cv_fcgi_lengths],
        [no], [AC_MSG_ERROR([this libfcgi writes behind its heap when a param claims 0x7FFFFFFF octets (CVE-2025-23016), or cannot be tried:
    install 2.4.5 or newer, or one with that patch: Debian 12 has it in 2.4.2-2+deb12u1 ("apt-get update && apt-get install libfcgi-dev").
    config.log tells how it was tried])],
        [unknown], [AC_MSG_ERROR([while cross compiling libfcgi cannot be tried, and is taken for one with CVE-2025-23016:
    see that it is 2.4.5 or newer, or has that patch, then say so: configure ... fb_cv_fcgi_lengths=yes])])
])
