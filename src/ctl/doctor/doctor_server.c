/* SPDX-License-Identifier: MIT */
#include "ctl/doctor/doctor_server.h"

#include <string.h>
#include <strings.h>

/* doc/ has a page for each, which says the same (doctor-url.bats compares). */
static const struct server_lines servers[SERVER__MAX] = {
    [SERVER_UNKNOWN] =
        {"a web server that does not say which it is",
         "Apache needs \"CGIPassAuth On\" where the program is configured, HAProxy \"pass-header "
         "Authorization\"; lighttpd and nginx pass it on, so that a proxy or CDN in front of them "
         "takes it away",
         "of lighttpd that is server.max-request-field-size, of Apache LimitRequestFieldSize, of "
         "nginx large_client_header_buffers, of HAProxy tune.bufsize; a proxy or CDN in front has "
         "one of its own",
         "remove the error page of the web server, or of a proxy in front, that replaces it",
         "a rule for other paths or names that is looked at before the guard",
         "a cache of a proxy or CDN in front",
         "do they run, and listen where the web server looks for them?"},
    [SERVER_APACHE] =
        {"Apache",
         "put \"CGIPassAuth On\" into the <Directory>, <Location> or .htaccess of the program; in "
         "an .htaccess without AuthConfig instead: SetEnvIf Authorization \"(.+)\" "
         "HTTP_AUTHORIZATION=$1",
         "\"LimitRequestFieldSize 24576\", in the first virtual host of the port; no .htaccess can "
         "say so",
         "for a guarded directory write ErrorDocument 401 as in fcgid-authorizer.conf, and remove "
         "any other ErrorDocument 4xx",
         "a <Location>, <If>, <Limit>, .htaccess or virtual host that applies after the guard "
         "(Satisfy Any, Require all granted), a ProxyPass or Alias beside it, MergeSlashes Off, "
         "AllowEncodedSlashes, or an nginx in front that serves files itself",
         "CacheEnable with CacheStorePrivate or CacheIgnoreCacheControl",
         "can Apache start bearer.fcgi (its error log says why not), or do the workers listen "
         "where SetHandler or AuthnzFcgiDefineProvider says?"},
    [SERVER_CADDY] =
        {"Caddy",
         "Caddy passes it on, unless a request_header or header_up before the guard takes it away: "
         "remove that; else a proxy or CDN in front does",
         "no max_header_size under the global option servers: Caddy's own is 1 MiB",
         "remove a handle_response for these statuses from a Caddy in front, and a header line "
         "that takes WWW-Authenticate or Content-Type away",
         "a handle that is tried before the guarded one (a longer path, or a matcher of several "
         "paths that stands above it), a matcher of the guarded one that leaves something out (a "
         "method, or /private in \"/private/*\"), a guard in a route beside handles, or a "
         "handle_path, rewrite, uri or root elsewhere to the same files",
         "a header with defer that writes another Cache-Control, or a cache in front of this Caddy",
         "do they run (spawn-fcgi, systemd), and listen where reverse_proxy in the snippets "
         "(bearer...) says? May the user of Caddy write to that socket?"},
    [SERVER_HAPROXY] =
        {"HAProxy", "put \"pass-header Authorization\" into the section fcgi-app of haproxy.cfg",
         "\"tune.bufsize 49152\", in the section global",
         "remove any http-response return and http-error for these statuses",
         "a use_backend or http-request rule that comes first",
         "http-request cache-use, or a cache in front",
         "do they run, and listen at the addresses of the lines \"server\" in haproxy.cfg?"},
    [SERVER_LIGHTTPD] =
        {"lighttpd",
         "lighttpd passes it on, so that a proxy or CDN in front takes it away, or a "
         "setenv.set-request-header of this lighttpd: remove that",
         "\"server.max-request-field-size := 24576\"",
         "remove server.error-intercept and server.error-handler for this URL",
         "a fastcgi.server, BEARER_REQUIRE or webdav.activate in a later condition, a module "
         "before mod_fastcgi in server.modules, a url.rewrite or alias.url to the same files, "
         "server.force-lowercase-filenames",
         "a cache in front of this lighttpd",
         "can lighttpd start bearer.fcgi? Its error log says why not"},
    [SERVER_NGINX] =
        {"nginx",
         "nginx passes it on, unless a fastcgi_param HTTP_AUTHORIZATION or "
         "fastcgi_pass_request_headers off is in the way: remove that; else a proxy in front takes "
         "it away, or an Apache behind, which needs \"CGIPassAuth On\"",
         "\"large_client_header_buffers 4 24k;\", in the default server of the port",
         "for a guarded location write \"include fcgi-bearer/location.conf\", which has its "
         "error_page lines, and remove any other error_page and fastcgi_intercept_errors",
         "a location for file endings (~ \\.pdf$) or a longer path, merge_slashes off, "
         "limit_except, satisfy any, or an alias or proxy_pass elsewhere to the same files",
         "proxy_cache or fastcgi_cache with a key that has no $http_authorization, or "
         "proxy_ignore_headers Cache-Control",
         "do they run (spawn-fcgi, systemd), and listen where fastcgi_pass says?"},
};

enum server server_of(const struct probe_answer *answer)
{
    for (unsigned i = SERVER_UNKNOWN + 1; i < SERVER__MAX; i++) {
        if (strncasecmp(answer->server, servers[i].name, strlen(servers[i].name)) == 0) {
            return (enum server)i;
        }
    }
    return answer->server[0] == '\0' && answer->small_letters ? SERVER_HAPROXY : SERVER_UNKNOWN;
}

const struct server_lines *server_lines(enum server server)
{
    return &servers[(unsigned)server < SERVER__MAX ? server : SERVER_UNKNOWN];
}
