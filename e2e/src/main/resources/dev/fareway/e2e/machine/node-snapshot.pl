# All of a node that a daemon could have changed: how each thread is scheduled and where it belongs, every file
# of each cgroup and every setting of the kernel that can be both read and written. A line each: what it is,
# " = ", what it has.
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

# Whether a file says by its mode that it can be read and written. Root may do what no mode allows.
sub is_setting {
    my ($file) = @_;
    my @about = lstat($file);
    return @about && -f _ && ($about[2] & 0600) == 0600;
}

# ioprio_get(2) on x86-64, of a thread; the kernel has one where none was set, made of the nice value.
sub io_priority {
    my ($tid) = @_;
    return syscall(252, 1, $tid + 0);
}

for my $proc (glob '/proc/[0-9]*') {
    my $score = content("$proc/oom_score_adj");
    my $cgroup = content("$proc/cgroup");
    for my $task (glob "$proc/task/[0-9]*") {
        my $stat = content("$task/stat");
        my $status = content("$task/status");
        next unless defined $stat && defined $status && defined $cgroup && defined $score;
        my ($cpus) = $status =~ /Cpus_allowed:\s*([0-9a-f;]+)/ or next;
        my ($tid, $name, $rest) = $stat =~ /^(\d+) \((.*)\) (.*)$/ or next;
        my @fields = split / /, $rest;
        # Fields 19, 22, 40 and 41 of proc(5), counted from the third.
        my ($nice, $started, $priority, $policy) = @fields[16, 19, 37, 38];
        $cgroup =~ s/.*0:://;
        my $io = io_priority($tid);
        print "task $tid $started $name = policy $policy, priority $priority, nice $nice, oom $score, cpus $cpus, io $io, in $cgroup\n";
    }
}

# The files of a folder, by name, and the folders in it. Links are not followed.
sub entries {
    my ($place) = @_;
    opendir(my $in, $place) or return [];
    my (@files, @folders);
    for my $name (sort grep { !/^\.\.?$/ } readdir $in) {
        next if -l "$place/$name";
        if (-d _) { push @folders, "$place/$name" }
        else { push @files, $name }
    }
    return (\@files, @folders);
}

my @left = ('/sys/fs/cgroup');
while (defined(my $cgroup = shift @left)) {
    print "cgroup $cgroup = is there\n";
    my ($names, @below) = entries($cgroup);
    for my $name (@$names) {
        # Who is in it the threads say; what is measured changes by itself.
        next if $name =~ /^cgroup\.(procs|threads)$|\.pressure$|\.peak$/;
        my $value = is_setting("$cgroup/$name") ? content("$cgroup/$name") : undef;
        print "file $cgroup/$name = $value\n" if defined $value;
    }
    # listxattr(2) on x86-64.
    my $attributes = "\0" x 4096;
    my $length = syscall(194, $cgroup, $attributes, 4096);
    print "attributes $cgroup = " . join(' ', split(/\0/, substr($attributes, 0, $length))) . "\n" if $length > 0;
    push @left, @below;
}

my @settings = qw(/proc/sys /sys/kernel/mm);
while (defined(my $place = shift @settings)) {
    my ($names, @below) = entries($place);
    for my $file (map { "$place/$_" } @$names) {
        # These are counters, or do something when they are read.
        next if $file =~ /ns_last_pid|perf_event_max_sample_rate|perf_cpu_time_max_percent|stat_refresh|nf_conntrack_|pages_to_scan/;
        my $value = is_setting($file) ? content($file) : undef;
        print "setting $file = $value\n" if defined $value;
    }
    push @settings, @below;
}
print "mounts = " . content('/proc/self/mounts') . "\n";
my $swaps = content('/proc/swaps');
$swaps =~ s/\s+\d+\s+(-?\d+)(,|$)/ $1$2/g;
print "swaps = $swaps\n";
