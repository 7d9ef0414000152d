/** The activator's process, seen from within. */
package dev.fareway.activator.main;
