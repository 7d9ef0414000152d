/** How programs are started beside this one. */
@NullMarked
package dev.fareway.e2e.process;

import org.jspecify.annotations.NullMarked;
