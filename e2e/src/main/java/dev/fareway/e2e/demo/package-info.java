/**
 * The demo: shows the crowding problem on this machine, and shows it gone, on real processes under
 * the real kernel.
 */
@NullMarked
package dev.fareway.e2e.demo;

import org.jspecify.annotations.NullMarked;
