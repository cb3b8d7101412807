dnl SPDX-License-Identifier: MIT
dnl FB_CFLAGS([FLAGS]): adds to AM_CFLAGS each flag the compiler accepts without a warning.
AC_DEFUN([FB_CFLAGS], [
    for fb_flag in $1; do
        fb_saved=$CFLAGS
        CFLAGS="$CFLAGS -Werror $fb_flag"
        AC_MSG_CHECKING([whether $CC accepts $fb_flag])
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
            [AC_MSG_RESULT([yes]); AM_CFLAGS="$AM_CFLAGS $fb_flag"],
            [AC_MSG_RESULT([no])])
        CFLAGS=$fb_saved
    done
])

dnl FB_LDFLAGS([FLAGS]): adds to AM_LDFLAGS each flag that links.
AC_DEFUN([FB_LDFLAGS], [
    for fb_flag in $1; do
        fb_saved=$LDFLAGS
        fb_saved_cflags=$CFLAGS
        CFLAGS="$CFLAGS -fPIE"
        LDFLAGS="$LDFLAGS $fb_flag"
        AC_MSG_CHECKING([whether the linker accepts $fb_flag])
        AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
            [AC_MSG_RESULT([yes]); AM_LDFLAGS="$AM_LDFLAGS $fb_flag"],
            [AC_MSG_RESULT([no])])
        LDFLAGS=$fb_saved
        CFLAGS=$fb_saved_cflags
    done
])

dnl FB_FORTIFY: _FORTIFY_SOURCE=3 where it is understood and the build optimizes, else 2; once, whatever the compiler's own default is.
AC_DEFUN([FB_FORTIFY], [
    AS_CASE([" $CFLAGS "], [*' -O0 '*], [], [*' -O'*], [
        fb_saved=$CFLAGS
        for fb_level in 3 2; do
            CFLAGS="$fb_saved -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$fb_level"
            AC_MSG_CHECKING([for _FORTIFY_SOURCE=$fb_level])
            AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [])],
                [AC_MSG_RESULT([yes]); fb_fortify=$fb_level], [AC_MSG_RESULT([no]); fb_fortify=])
            CFLAGS=$fb_saved
            AS_IF([test -n "$fb_fortify"], [AM_CFLAGS="$AM_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$fb_fortify"; break])
        done
    ])
])
