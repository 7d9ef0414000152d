/**
 * The activator's HTTP side: takes requests in, holds them until the scheduler lets them go, and
 * streams them to a pod and its answer back. Everything here runs on one event loop.
 */
@NullMarked
package dev.fareway.activator.proxy;

import org.jspecify.annotations.NullMarked;
