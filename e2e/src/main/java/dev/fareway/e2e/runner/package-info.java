/** Runs pods as processes of this machine, in the kubelet's place. */
@NullMarked
package dev.fareway.e2e.runner;

import org.jspecify.annotations.NullMarked;
