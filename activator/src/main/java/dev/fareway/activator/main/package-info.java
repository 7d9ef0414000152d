/** The activator's process: its options, and what starts what. */
@NullMarked
package dev.fareway.activator.main;

import org.jspecify.annotations.NullMarked;
