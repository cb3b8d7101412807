# SPDX-License-Identifier: MIT
# A web server that answers as it is told, for the bats tests (see answers.bash).
#
#     perl answers.pl DIR
#
# Listens on 127.0.0.1, its port is then in DIR/port. Every request's head is kept in DIR/requests, and answered with the file DIR/WHAT,
# octet for octet: WHAT is "long" for a head of more octets than DIR/limit says, "two" for an Authorization with a comma, "token" for another one, "none" for
# none. But a head that a line "NAME PATTERN" of DIR/doors matches (the first that does) is answered with the file DIR/NAME. Without such a file, or for what is no HTTP, the connection ends without an answer.
use strict;
use warnings;
use IO::Socket::INET;

my ($dir) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub content {
    my ($name) = @_;
    open(my $in, '<:raw', "$dir/$name") or return;
    local $/;
    return scalar <$in>;
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64, ReuseAddr => 1) or die "listen: $!";
open(my $out, '>', "$dir/port.new") or die "port: $!";
print $out $listener->sockport, "\n";
close($out) && rename("$dir/port.new", "$dir/port") or die "port: $!";

while (my $client = $listener->accept) {
    my $head = '';
    while ($head !~ /\r\n\r\n|^[^A-Z]/ && sysread($client, my $more, 65536)) {
        $head .= $more;
    }
    next if $head !~ /^[A-Z]/;
    open(my $kept, '>>:raw', "$dir/requests") or die "requests: $!";
    print $kept $head;
    close($kept);
    my ($credentials) = $head =~ /^Authorization: (.*)\r$/mi;
    my $what = length $head > (content('limit') // 100_000) ? 'long' : !defined $credentials ? 'none' : $credentials =~ /,/ ? 'two' : 'token';
    for my $door (split /\n/, content('doors') // '') {
        my ($name, $pattern) = split / /, $door, 2;
        if ($head =~ /$pattern/m) {
            $what = $name;
            last;
        }
    }
    print $client content($what) // '';
    close($client);
}
