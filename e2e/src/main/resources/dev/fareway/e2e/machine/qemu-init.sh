#!/bin/busybox sh
# The first process of the emulated node: mounts, then runs the scripts that the host puts on a small disk, the
# mailbox, and names on the second serial line.
b=/bin/busybox
$b --install -s /bin
export PATH=/bin:/usr/bin
mkdir -p /proc /sys /dev /tmp /run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t cgroup2 cgroup /sys/fs/cgroup
ip link set lo up
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do
  insmod /modules/$module.ko
done
for word in $(cat /proc/cmdline); do
  case $word in
    fareway.work=*) work=${word#*=} ;;
    fareway.lifetime=*) lifetime=${word#*=} ;;
  esac
done
mkdir -p "$work" && cd "$work" || poweroff -f
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
if [ -b /dev/vdb ] && mkswap /dev/vda >/dev/null && swapon /dev/vda; then
  echo "@@READY" >&3
else
  echo "@@FAIL swap" >&3
fi
# A host that was killed sends no more lines: the node ends by itself.
(sleep "$lifetime"; poweroff -f) </dev/null 3>&- &
while read -r number bytes <&3 && [ "$number" != quit ]; do
  # What the host has written meanwhile must not be taken from memory.
  blockdev --flushbufs /dev/vdb
  head -c "$bytes" /dev/vdb >.script
  sh .script >.out 2>.err </dev/null 3>&-
  status=$?
  dd if=.out of=/dev/vdb bs=1M seek=1 2>/dev/null
  dd if=.err of=/dev/vdb bs=1M seek=5 2>/dev/null
  blockdev --flushbufs /dev/vdb
  echo "@@DONE $number $status $(wc -c <.out) $(wc -c <.err)" >&3
done
poweroff -f
