/**
 * The arithmetic of bills: what nodes have metered, added up exactly, and told in whole nano-units.
 * Pure; shared by the operator, which archives it, and by whoever shows it.
 */
@NullMarked
package dev.fareway.crds.usage;

import org.jspecify.annotations.NullMarked;
