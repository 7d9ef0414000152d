# A function that holds memory whose every byte it can tell, and says on demand whether all are still right.
# It is told what to do by files of a folder: NAME.want holds how many MiB it is to hold, NAME.pace how many
# milliseconds it takes over each, and NAME.check makes it look at all of it. What it has done is in NAME.holds
# and NAME.checked.
use strict;
use warnings;

my ($folder, $name) = @ARGV;
my $mib = 1024 * 1024;
my $seed = unpack('%32C*', $name);
srand($seed);
my $noise = pack('L*', map { int(rand(2**32)) } 1 .. 1024) x ($mib / 4096);
my @blocks;

# No two pages are the same: a page that came back in another's place is found.
sub block {
    my ($number) = @_;
    return $noise ^ join('', map { pack('L', $_ | $number << 8 | $seed << 20) x 1024 } 0 .. 255);
}

sub content {
    my ($file) = @_;
    open(my $in, '<', "$folder/$name.$file") or return 0;
    my $number = <$in>;
    return defined $number ? int($number) : 0;
}

sub say_that {
    my ($file, $what) = @_;
    open(my $out, '>', "$folder/$name.$file.part") or die;
    print $out $what;
    close($out);
    rename("$folder/$name.$file.part", "$folder/$name.$file");
}

while (1) {
    my $wanted = content('want');
    if (@blocks < $wanted) {
        while (@blocks < $wanted) {
            push @blocks, block(scalar @blocks);
            my $pace = content('pace');
            select(undef, undef, undef, $pace / 1000) if $pace;
        }
        say_that('holds', $wanted);
    }
    if (@blocks > $wanted) {
        $#blocks = $wanted - 1;
        say_that('holds', $wanted);
    }
    if (unlink("$folder/$name.check")) {
        my $wrong = grep { $blocks[$_] ne block($_) } 0 .. $#blocks;
        say_that('checked', sprintf('%d MiB, %d wrong', scalar @blocks, $wrong));
    }
    # Rarely, so that a function that is swapped out mostly stays so.
    select(undef, undef, undef, 0.3);
}
