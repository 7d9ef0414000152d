#!/bin/busybox sh
# The first process of the node: mounts, then runs the scripts that the host names, a line each.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
for word in $($b cat /proc/cmdline); do
  case $word in
    fareway.work=*) work=${word#*=} ;;
    fareway.lifetime=*) lifetime=${word#*=} ;;
  esac
done
fail() {
  echo "@@FAIL $1"
  $b poweroff -f
}
# The host's files are there to read; only the work folder can be written.
$b mount -t hostfs -o ro none /mnt || fail "hostfs"
$b mount -t hostfs -o "$work" none "/mnt$work" || fail "hostfs $work"
$b mount -t proc proc /mnt/proc
$b mount -t sysfs sysfs /mnt/sys
$b mount -t devtmpfs dev /mnt/dev
$b mount -t tmpfs tmpfs /mnt/run
$b mount -t cgroup2 cgroup /mnt/sys/fs/cgroup || fail "cgroup2"
$b ip link set lo up
if [ -b /dev/ubda ]; then
  $b mkswap /dev/ubda >/dev/null && $b swapon /dev/ubda || fail "swap"
fi
# A host that was killed sends no more lines: the node ends by itself.
($b sleep "$lifetime"; $b poweroff -f) </dev/null &
echo "@@READY"
while read -r script && [ "$script" != quit ]; do
  $b chroot /mnt /bin/sh "$work/$script.sh" >"/mnt$work/$script.out" 2>"/mnt$work/$script.err" </dev/null
  echo "@@DONE $script $?"
done
$b poweroff -f
