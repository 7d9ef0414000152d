@NullMarked
package dev.fareway.e2e.invocation;

import org.jspecify.annotations.NullMarked;
