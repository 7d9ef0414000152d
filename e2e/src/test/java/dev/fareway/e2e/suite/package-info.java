/**
 * What Fareway is for, seen from outside, on whole clusters: the same suite on kind, on any cluster
 * that a kubeconfig leads to, and, less what needs containers, on processes of this machine.
 */
@NullUnmarked
package dev.fareway.e2e.suite;

import org.jspecify.annotations.NullUnmarked;
