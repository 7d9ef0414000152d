/** The only place that touches /proc, /sys and system calls. */
@NullMarked
package dev.fareway.node.linux;

import org.jspecify.annotations.NullMarked;
