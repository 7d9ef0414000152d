# All of a node that a daemon could have changed: how each thread is scheduled, what each cgroup's files hold,
# the kernel's settings. A line each: what it is, " = ", what it has.
use strict;
use warnings;

sub content {
    my ($file) = @_;
    open(my $in, '<', $file) or return undef;
    local $/;
    my $text = <$in>;
    return undef unless defined $text;
    $text =~ s/\s+$//;
    $text =~ s/\n/,/g;
    return $text;
}

for my $proc (glob '/proc/[0-9]*') {
    my $score = content("$proc/oom_score_adj");
    my $cgroup = content("$proc/cgroup");
    for my $task (glob "$proc/task/[0-9]*") {
        my $stat = content("$task/stat");
        next unless defined $stat && defined $cgroup && defined $score;
        my ($tid, $name, $rest) = $stat =~ /^(\d+) \((.*)\) (.*)$/ or next;
        my @fields = split / /, $rest;
        # Fields 19, 22, 40 and 41 of proc(5), counted from the third.
        my ($nice, $started, $priority, $policy) = @fields[16, 19, 37, 38];
        $cgroup =~ s/.*0:://;
        print "task $tid $started $name = policy $policy, priority $priority, nice $nice, oom $score, in $cgroup\n";
    }
}

my @left = ('/sys/fs/cgroup');
while (defined(my $cgroup = shift @left)) {
    print "cgroup $cgroup = is there\n";
    for my $name (qw(cpu.weight cpu.idle cpu.max memory.min memory.low memory.high memory.max memory.swap.max
                     memory.swap.high memory.oom.group cgroup.freeze cgroup.subtree_control)) {
        my $value = content("$cgroup/$name");
        print "file $cgroup/$name = $value\n" if defined $value;
    }
    # listxattr(2) on x86-64.
    my $names = "\0" x 4096;
    my $length = syscall(194, $cgroup, $names, 4096);
    print "attributes $cgroup = " . join(' ', split(/\0/, substr($names, 0, $length))) . "\n" if $length > 0;
    opendir(my $in, $cgroup) or next;
    push @left, map { "$cgroup/$_" } grep { !/^\.|^(cgroup|cpu|memory|io|pids)\./ && -d "$cgroup/$_" } readdir $in;
}

for my $file (glob('/proc/sys/kernel/sched_*'), glob('/proc/sys/vm/*')) {
    my $value = content($file) if -f $file && $file !~ /stat_refresh|drop_caches|compact_memory/;
    print "setting $file = $value\n" if defined $value;
}
print "mounts = " . content('/proc/self/mounts') . "\n";
my $swaps = content('/proc/swaps');
$swaps =~ s/\s+\d+\s+(-?\d+)(,|$)/ $1$2/g;
print "swaps = $swaps\n";
